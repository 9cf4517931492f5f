"""TZ and time.tzset(): local time"""
import os
import time

print("at the start:", time.tzname, time.timezone)
os.environ["TZ"] = "XYZ-5:30"
time.tzset()
local = time.localtime(0)
print("with TZ=XYZ-5:30:", time.tzname, local.tm_hour, local.tm_min)
assert (local.tm_hour, local.tm_min) == (5, 30), f"midnight in UTC is {local.tm_hour}:{local.tm_min:02}"
assert time.tzname[0] == "XYZ" and time.mktime(local) == 0, f"the zone is called {time.tzname[0]}"
print("yes")
