"""os.urandom(): bytes that differ"""
import collections
import os

data = os.urandom(65_536)
counts = collections.Counter(data)
print("first bytes:", data[:8].hex(), "different values:", len(counts))
assert os.urandom(16) != os.urandom(16), "the same bytes twice"
most = max(counts.values())
# Each value is expected 256 times; 400 times is nine standard deviations away.
print("yes" if len(counts) == 256 and most < 400 else f"no: {len(counts)} different values, one of them {most} times")
