"""os.utime(): the times of files, in nanoseconds"""
import os

with open("file", "w"):
    pass
print("made at:", os.stat("file").st_mtime_ns)
wanted = 1_700_000_000_123_456_789
os.utime("file", ns=(wanted, wanted))
got = os.stat("file").st_mtime_ns
print("wanted:", wanted, "got:", got)
assert got // 10**9 == wanted // 10**9, f"the time is {got} ns"
exact = next(unit for unit in (1, 100, 1000, 10**6, 10**9) if wanted // unit * unit == got // unit * unit)
print("yes" if got == wanted else f"partly: exact to {exact} ns")
