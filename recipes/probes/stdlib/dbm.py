"""dbm: a file of keys and values"""
import dbm

with dbm.open("base", "c") as base:
    base["key"] = "value"
with dbm.open("base", "r") as base:
    value = base["key"]
kind = dbm.whichdb("base")
print(kind, value)
print(f"yes: {kind}" if value == b"value" else f"no: the value is {value}")
