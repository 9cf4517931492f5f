"""zlib: compress and decompress"""
import zlib

data = b"word" * 1000
packed = zlib.compress(data)
stream = zlib.decompressobj()
print(zlib.ZLIB_RUNTIME_VERSION, "size:", len(packed), f"CRC-32: {zlib.crc32(b'word'):#x}")
assert stream.decompress(packed[:10]) + stream.decompress(packed[10:]) == data, "the data differ"
print("yes" if zlib.crc32(b"word") == 0xC3F17511 and len(packed) < 100 else "no: the checksum or the size is wrong")
