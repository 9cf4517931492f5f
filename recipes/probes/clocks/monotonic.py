"""time.monotonic() never goes back"""
import time

print(time.get_clock_info("monotonic"))
last = time.monotonic_ns()
for _ in range(100_000):
    now = time.monotonic_ns()
    assert now >= last, f"it went back by {last - now} ns"
    last = now
print("yes")
