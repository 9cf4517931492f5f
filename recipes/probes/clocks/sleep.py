"""time.sleep(0.2) takes that long"""
import time

took = []
for _ in range(3):
    began = time.monotonic()
    time.sleep(0.2)
    took.append(time.monotonic() - began)
print("seconds:", [round(seconds, 3) for seconds in took])
print("yes" if min(took) >= 0.19 and min(took) < 0.4 else f"no: it took {min(took):.3f} s")
