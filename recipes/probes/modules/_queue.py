"""_queue: SimpleQueue in C"""
import queue

import _queue

assert queue.SimpleQueue is _queue.SimpleQueue, "queue uses its Python code"
simple = _queue.SimpleQueue()
simple.put(1)
simple.put(2)
values = [simple.get(), simple.get()]
try:
    simple.get(timeout=0.05)
    print("no: an empty queue gave something")
except queue.Empty:
    print("yes" if values == [1, 2] else f"no: got {values}")
