"""signal.set_wakeup_fd(): the number of a signal is written to a socket"""
import signal
import socket

reading, writing = socket.socketpair()
reading.settimeout(5)
writing.setblocking(False)
signal.signal(signal.SIGTERM, lambda number, frame: None)
signal.set_wakeup_fd(writing.fileno())
signal.raise_signal(signal.SIGTERM)
data = reading.recv(10)
signal.set_wakeup_fd(-1)
print("received:", data)
print("yes" if data == bytes([signal.SIGTERM]) else f"no: received {data}")
