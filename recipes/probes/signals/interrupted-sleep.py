"""A signal interrupts time.sleep()"""
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
    time.sleep(3)
    print("no: it slept for 3 s")
except Interrupted:
    took = time.monotonic() - began
    print(f"interrupted after {took:.2f} s")
    print("yes" if took < 1 else f"no: only after {took:.2f} s")
