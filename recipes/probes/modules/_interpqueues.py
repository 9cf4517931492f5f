"""_interpqueues: put an object into a queue"""
import _interpqueues

try:
    from concurrent import interpreters
except ImportError:
    # In 3.13 the public module is not there, and the arguments are others.
    SHARED, REPLACE = 0, 3
    queue = _interpqueues.create(2, SHARED, REPLACE)
    _interpqueues.put(queue, b"word", SHARED, REPLACE)
    value = _interpqueues.get(queue)[0]
else:
    queue = interpreters.create_queue()
    queue.put(b"word")
    value = queue.get()
print(queue, value)
print("yes" if value == b"word" else f"no: got {value}")
