"""threading.Timer: call a function later"""
import threading
import time

began = time.monotonic()
done = threading.Event()
timer = threading.Timer(0.2, done.set)
timer.start()
assert done.wait(5), "not called within 5 s"
took = time.monotonic() - began
print(f"called after {took:.2f} s")
print("yes" if took > 0.15 else f"no: called after {took:.2f} s instead of 0.2")
