"""Dates before 1970 and after 2038"""
import datetime
import time

early, late = time.gmtime(-2_208_988_800), time.gmtime(4_102_444_800)
print(early[:3], late[:3])
assert early[:3] == (1900, 1, 1) and late[:3] == (2100, 1, 1), f"the years are {early[0]} and {late[0]}"
assert datetime.datetime.fromtimestamp(4_102_444_800, datetime.timezone.utc).year == 2100, "datetime gives another year"
local = time.localtime(4_102_444_800)
print("yes" if time.mktime(local) == 4_102_444_800 else "no: mktime() gives another time")
