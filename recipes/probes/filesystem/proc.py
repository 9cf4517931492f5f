"""/proc/self/fd lists the open files"""
import os

fd = os.open(".", os.O_RDONLY)
names = os.listdir("/proc/self/fd")
print("listed:", names, "open:", fd)
print("yes" if str(fd) in names else f"no: descriptor {fd} is not listed")
