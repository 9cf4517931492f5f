"""zoneinfo: Europe/Berlin and other zones are known"""
import datetime
import zoneinfo

print("paths:", zoneinfo.TZPATH)
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
offset = datetime.datetime(2024, 7, 1, tzinfo=berlin).utcoffset()
print("zones:", len(zoneinfo.available_timezones()), "offset in July:", offset)
print("yes" if offset == datetime.timedelta(hours=2) else f"no: the offset is {offset}")
