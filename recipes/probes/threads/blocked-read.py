"""A thread that waits in os.read() does not stop the others"""
import os
import threading
import time

reading, writing = os.pipe()
got = []
thread = threading.Thread(target=lambda: got.append(os.read(reading, 10)), daemon=True)
thread.start()
time.sleep(0.2)
began = time.monotonic()
os.stat(".")
print(f"a call of the other thread took {time.monotonic() - began:.3f} s", flush=True)
os.write(writing, b"word")
thread.join(3)
print("read:", got)
print("yes" if got == [b"word"] else f"no: the thread read {got}")
