"""_zstd: compress and decompress"""
from compression import zstd

data = b"word" * 1000
packed = zstd.compress(data)
print(zstd.zstd_version, len(packed))
print("yes" if zstd.decompress(packed) == data and len(packed) < 100 else "no: the data differ")
