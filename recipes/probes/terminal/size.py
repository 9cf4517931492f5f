"""os.get_terminal_size()

The terminal is the one that the program runs in, or one that it opens itself.
"""
import os
import shutil

fd = 1
if not os.isatty(fd):
    import fcntl
    import struct
    import termios

    outer, fd = os.openpty()
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
size = os.get_terminal_size(fd)
print("size:", size, "shutil:", shutil.get_terminal_size())
print(f"yes: {size.columns}×{size.lines}" if size.columns > 0 else f"no: {size}")
