"""Hashes of strings are randomized

The runner compares the lines `value:` of two runs, which must differ.
"""
import sys

print("hash_randomization:", sys.flags.hash_randomization, sys.hash_info.algorithm, sys.hash_info.hash_bits)
print("value:", hash("word"), hash(b"word"))
print("yes" if sys.flags.hash_randomization else "no: sys.flags.hash_randomization is 0")
