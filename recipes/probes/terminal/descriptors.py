"""The standard streams are the descriptors 0, 1 and 2"""
import os
import stat
import sys

for stream, fd in ((sys.stdin, 0), (sys.stdout, 1), (sys.stderr, 2)):
    assert stream.fileno() == fd, f"{stream.name} has descriptor {stream.fileno()}"
    mode = os.fstat(fd).st_mode
    print(stream.name, stat.filemode(mode), "terminal:", os.isatty(fd))
sys.stdout.flush()
assert os.write(1, b"written with os.write()\n") == 24, "os.write() wrote less"
print("yes")
