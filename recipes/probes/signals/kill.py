"""os.kill(): send a signal to this process"""
import os
import signal
import time

seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
os.kill(os.getpid(), signal.SIGUSR1)
deadline = time.monotonic() + 3
while not seen and time.monotonic() < deadline:
    pass
print("seen:", seen)
print("yes" if seen == [signal.SIGUSR1] else "no: the handler was not called")
