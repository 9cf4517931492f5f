"""os.getpid()"""
import os

pid = os.getpid()
print("pid:", pid)
print("yes" if pid > 0 else f"no: it is {pid}")
