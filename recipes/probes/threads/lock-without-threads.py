"""Locks, conditions and semaphores in a single thread, with timeouts"""
import threading
import time

lock = threading.Lock()
with lock:
    began = time.monotonic()
    assert not lock.acquire(timeout=0.2), "a held lock was acquired"
    waited = time.monotonic() - began
print(f"waited {waited:.2f} s for a held lock")
assert 0.15 < waited < 2, f"waited {waited:.2f} s instead of 0.2"
again = threading.RLock()
with again, again:
    pass
condition = threading.Condition()
with condition:
    assert not condition.wait(0.1), "a condition ended before its timeout"
semaphore = threading.BoundedSemaphore(2)
assert semaphore.acquire() and semaphore.acquire() and not semaphore.acquire(blocking=False), "a semaphore counts wrongly"
event = threading.Event()
event.set()
assert event.wait(1), "an event that is set waits"
print("yes")
