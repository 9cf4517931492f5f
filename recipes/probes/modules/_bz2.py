"""_bz2: compress and decompress"""
import bz2

data = b"word" * 1000
packed = bz2.compress(data)
with bz2.open("file.bz2", "wb") as file:
    file.write(data)
with bz2.open("file.bz2") as file:
    assert file.read() == data, "the file has other contents"
print("size:", len(packed))
print("yes" if bz2.decompress(packed) == data and len(packed) < 100 else "no: the data differ")
