"""One object of 1 GiB"""
data = bytes(1 << 30)
print("length:", len(data))
print("yes" if len(data) == 1 << 30 and data[-1] == 0 and data[-4:] == bytes(4) else "no: the end is wrong")
