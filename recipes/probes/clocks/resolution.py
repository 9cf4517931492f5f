"""The smallest step of time.perf_counter()"""
import time

print(time.get_clock_info("perf_counter"))
steps = []
for _ in range(200):
    before = after = time.perf_counter_ns()
    while after == before:
        after = time.perf_counter_ns()
    steps.append(after - before)
step = min(steps)
print("smallest step:", step, "ns; largest:", max(steps), "ns")
# The number depends on the speed of the machine, so the answer is only its order of magnitude.
for limit, name in ((10_000, "10 µs"), (200_000, "0.2 ms"), (2_000_000, "2 ms")):
    if step < limit:
        print(f"yes: below {name}")
        break
else:
    print("partly: above 2 ms")
