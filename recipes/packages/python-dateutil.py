import datetime

from dateutil.parser import parse
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule

assert parse("Thu Sep 25 2003 10:36") == datetime.datetime(2003, 9, 25, 10, 36)
assert datetime.date(2024, 1, 31) + relativedelta(months=1) == datetime.date(2024, 2, 29)
assert len(list(rrule(MONTHLY, count=4, dtstart=datetime.datetime(2024, 1, 1)))) == 4
print("yes")
