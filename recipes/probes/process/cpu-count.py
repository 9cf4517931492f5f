"""os.cpu_count()"""
import os

count = os.cpu_count()
print("processors:", count)
if hasattr(os, "sched_getaffinity"):
    print("usable:", len(os.sched_getaffinity(0)))
print("yes" if count else "no: it is None")
