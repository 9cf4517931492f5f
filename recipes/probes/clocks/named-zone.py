"""TZ=Europe/Berlin: local time has summer time"""
import os
import time

os.environ["TZ"] = "Europe/Berlin"
time.tzset()
summer, winter = time.localtime(1_719_792_000), time.localtime(1_704_067_200)
print(time.tzname, "summer:", summer.tm_hour, "winter:", winter.tm_hour)
print("yes" if (summer.tm_hour, winter.tm_hour) == (2, 1) else "no: it is UTC" if summer.tm_hour == 0 else f"no: {time.tzname}")
