"""select.select() as a timer: three empty lists"""
import select
import time

began = time.monotonic()
select.select([], [], [], 0.2)
took = time.monotonic() - began
print(f"waited {took:.3f} s")
print("yes" if 0.19 <= took < 1 else f"no: it waited {took:.3f} s instead of 0.2")
