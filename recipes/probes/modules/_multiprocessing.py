"""_multiprocessing: a semaphore with a name"""
import os

import _multiprocessing

SEMAPHORE = 1
semaphore = _multiprocessing.SemLock(SEMAPHORE, 1, 1, f"/probe-{os.getpid()}", True)
assert semaphore.acquire(True, 1), "a free semaphore was not acquired"
second = semaphore.acquire(False)
semaphore.release()
print("maximum:", semaphore.SEM_VALUE_MAX, "acquired twice:", second)
print("yes" if not second else "no: it was acquired twice")
