"""_dbm: a file of keys and values"""
import dbm.ndbm

with dbm.ndbm.open("base", "c") as base:
    base["key"] = "value"
    value = base["key"]
print(dbm.ndbm.library, value)
print("yes" if value == b"value" else f"no: the value is {value}")
