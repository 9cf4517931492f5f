"""_lzma: compress and decompress"""
import lzma

data = b"word" * 1000
packed = lzma.compress(data, check=lzma.CHECK_CRC64)
old = lzma.compress(data, format=lzma.FORMAT_ALONE)
print("sizes:", len(packed), len(old), "SHA-256:", lzma.is_check_supported(lzma.CHECK_SHA256))
print("yes" if lzma.decompress(packed) == lzma.decompress(old) == data else "no: the data differ")
