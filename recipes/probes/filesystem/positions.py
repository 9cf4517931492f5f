"""os.pread(), os.pwrite(), os.readv() and os.writev()"""
import os

fd = os.open("file", os.O_RDWR | os.O_CREAT, 0o600)
assert os.writev(fd, [b"01", b"234", b"56789"]) == 10, "writev() wrote less"
assert os.pwrite(fd, b"__", 4) == 2, "pwrite() wrote less"
assert os.pread(fd, 4, 3) == b"3__6", os.pread(fd, 4, 3)
os.lseek(fd, 0, os.SEEK_SET)
parts = [bytearray(3), bytearray(3)]
assert os.readv(fd, parts) == 6, "readv() read less"
os.close(fd)
print("parts:", parts)
print("yes" if parts == [b"012", b"3__"] else f"no: read {parts}")
