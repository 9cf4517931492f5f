"""Sockets: UDP"""
import socket

with socket.socket(type=socket.SOCK_DGRAM) as first, socket.socket(type=socket.SOCK_DGRAM) as second:
    first.settimeout(5)
    first.bind(("127.0.0.1", 0))
    second.sendto(b"word", first.getsockname())
    data, address = first.recvfrom(10)
print("received:", data, "from", address)
print("yes" if data == b"word" else f"no: received {data}")
