"""os.chmod() and os.umask()"""
import os
import stat


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


before = os.umask(0o027)
with open("file", "w"):
    pass
os.mkdir("folder")
os.umask(before)
print(f"umask {before:03o}, made with umask 027: file {mode('file'):03o}, folder {mode('folder'):03o}")
made = mode("file"), mode("folder")
os.chmod("file", 0o500)
print(f"after chmod 500: {mode('file'):03o}")
assert mode("file") == 0o500, f"the mode is {mode('file'):03o} after chmod 500"
print("yes" if made == (0o640, 0o750) else "partly: os.umask() has no effect")
