"""SIGCHLD: a child that ends is reported"""
import os
import signal
import time

seen = []
signal.signal(signal.SIGCHLD, lambda number, frame: seen.append(number))
pid = os.fork()
if pid == 0:
    os._exit(0)
deadline = time.monotonic() + 3
while not seen and time.monotonic() < deadline:
    time.sleep(0.05)
os.waitpid(pid, 0)
print("seen:", seen)
print("yes" if seen else "no: the handler was not called")
