import filelock

with filelock.FileLock("a.lock", timeout=1) as lock:
    assert lock.is_locked
assert not lock.is_locked
print("yes")
