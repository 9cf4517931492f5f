"""time.time(): the date is right"""
import datetime
import os
import time

now = time.time()
with open("file", "w"):
    pass
difference = os.stat("file").st_mtime - now
print("time:", now, datetime.datetime.now(datetime.timezone.utc), f"new file: {difference:+.3f} s")
assert now > 1_700_000_000, f"the time is {now}"
print("yes" if abs(difference) < 5 else f"partly: the time of a new file differs by {difference:.0f} s")
