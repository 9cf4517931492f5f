"""_posixshmem: memory that processes share"""
import mmap
import os

import _posixshmem

name = f"/probe-{os.getpid()}"
first = _posixshmem.shm_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o600)
try:
    second = _posixshmem.shm_open(name, os.O_RDWR, mode=0o600)
finally:
    _posixshmem.shm_unlink(name)
os.ftruncate(first, 4096)
with mmap.mmap(first, 4096) as one, mmap.mmap(second, 4096) as two:
    one[:4] = b"word"
    data = two[:4]
print("through the other mapping:", data)
print("yes" if data == b"word" else f"no: the other mapping has {data}")
