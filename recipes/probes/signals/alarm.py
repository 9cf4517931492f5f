"""signal.setitimer() interrupts a program that computes"""
import signal
import time


class Interrupted(Exception):
    pass


def handler(number, frame):
    raise Interrupted


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.2)
began = time.monotonic()
try:
    while time.monotonic() - began < 3:
        pass
    print("no: the signal did not come within 3 s")
except Interrupted:
    print(f"interrupted after {time.monotonic() - began:.2f} s")
    print("yes")
