"""time.process_time() counts work and not sleep"""
import time

print(time.get_clock_info("process_time"))
before = time.process_time()
sum(range(2_000_000))
work = time.process_time() - before
before = time.process_time()
time.sleep(0.5)
sleep = time.process_time() - before
print(f"work: {work:.3f} s, a sleep of 0.5 s: {sleep:.3f} s")
assert work > 0, "it does not move"
print("yes" if sleep < 0.1 else "no: it counts the time of a sleep (or sleep keeps the processor busy)")
