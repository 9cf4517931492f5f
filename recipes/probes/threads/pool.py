"""concurrent.futures.ThreadPoolExecutor"""
import concurrent.futures
import time

with concurrent.futures.ThreadPoolExecutor(4) as pool:
    began = time.monotonic()
    values = list(pool.map(lambda number: (time.sleep(0.2), number * number)[1], range(4), timeout=10))
    took = time.monotonic() - began
print(f"values: {values}, {took:.2f} s")
assert values == [0, 1, 4, 9], f"got {values}"
print("yes" if took < 0.6 else "partly: the threads did not sleep at the same time")
