"""shelve and pickle: objects in a file"""
import datetime
import shelve

moment = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
with shelve.open("shelf") as shelf:
    shelf["moment"] = {"moment": moment, "set": {1, 2}}
with shelve.open("shelf", "r") as shelf:
    value = shelf["moment"]
print(value)
print("yes" if value == {"moment": moment, "set": {1, 2}} else f"no: got {value}")
