"""termios: settings of a terminal"""
import os
import termios

fd = 0
if not os.isatty(fd):
    _, fd = os.openpty()
settings = termios.tcgetattr(fd)
settings[3] &= ~termios.ECHO
termios.tcsetattr(fd, termios.TCSANOW, settings)
after = termios.tcgetattr(fd)
settings[3] |= termios.ECHO
termios.tcsetattr(fd, termios.TCSANOW, settings)
print(f"local flags: {after[3]:o}")
print("yes" if not after[3] & termios.ECHO else "no: ECHO is still set")
