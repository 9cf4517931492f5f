"""_gdbm: a file of keys and values"""
import dbm.gnu

with dbm.gnu.open("base", "c") as base:
    base["key"] = "value"
    value = base["key"]
print(value, dbm.gnu.open_flags)
print("yes" if value == b"value" else f"no: the value is {value}")
