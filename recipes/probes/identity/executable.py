"""sys.executable names a file"""
import os
import sys

print("executable:", sys.executable, "prefix:", sys.prefix, "orig_argv:", sys.orig_argv)
if not sys.executable:
    print("no: it is empty")
elif os.path.isfile(sys.executable):
    print("yes")
else:
    print("no: there is no such file")
