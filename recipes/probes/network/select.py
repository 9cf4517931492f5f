"""selectors: wait for several sockets, with a timeout"""
import selectors
import socket
import time

first, second = socket.socketpair()
with first, second, selectors.DefaultSelector() as selector:
    print(type(selector).__name__)
    selector.register(first, selectors.EVENT_READ, "first")
    selector.register(second, selectors.EVENT_READ, "second")
    began = time.monotonic()
    assert selector.select(0.2) == [], "a socket without data is ready"
    waited = time.monotonic() - began
    first.sendall(b"word")
    ready = [key.data for key, _ in selector.select(5)]
print(f"waited {waited:.2f} s, then ready: {ready}")
assert 0.15 < waited < 2, f"waited {waited:.2f} s instead of 0.2"
print("yes" if ready == ["second"] else f"no: ready is {ready}")
