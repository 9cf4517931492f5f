"""tty.setraw(): keys are read one by one, without an echo

The terminal is the one that the program runs in, or one that it opens itself.
"""
import os
import termios
import tty

fd = 0
if not os.isatty(fd):
    outer, fd = os.openpty()
before = termios.tcgetattr(fd)
tty.setraw(fd)
during = termios.tcgetattr(fd)
termios.tcsetattr(fd, termios.TCSANOW, before)
after = termios.tcgetattr(fd)
flags = termios.ECHO | termios.ICANON
print(f"local flags: {before[3]:o} {during[3]:o} {after[3]:o}")
assert not during[3] & flags, "the flags ECHO and ICANON are still set"
print("yes" if after == before else "no: the terminal has other settings afterwards")
