import datetime

import pytz

berlin = pytz.timezone("Europe/Berlin")
assert berlin.localize(datetime.datetime(2024, 7, 1)).utcoffset() == datetime.timedelta(hours=2)
print("yes")
