"""Size of a pointer, and of C's long and time_t"""
import struct
import sys
import time

pointer, long = struct.calcsize("P") * 8, struct.calcsize("l") * 8
print("sys.maxsize:", sys.maxsize, "byte order:", sys.byteorder)
try:
    time.gmtime(1 << 32)
    seconds = "64"
except OverflowError:
    seconds = "32"
print(f"yes: {pointer} bits, long {long}, time_t {seconds}")
