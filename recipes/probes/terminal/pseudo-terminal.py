"""os.openpty(): a terminal for another program"""
import os

outer, inner = os.openpty()
assert os.isatty(inner), "os.isatty() denies it"
os.write(outer, b"word\n")
data = os.read(inner, 10)
print("name:", os.ttyname(inner), "read:", data)
print("yes" if data == b"word\n" else f"no: read {data}")
