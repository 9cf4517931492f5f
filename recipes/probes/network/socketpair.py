"""socket.socketpair()"""
import socket

first, second = socket.socketpair()
with first, second:
    first.settimeout(5)
    second.settimeout(5)
    first.sendall(b"word")
    data = second.recv(10)
    second.shutdown(socket.SHUT_WR)
    assert first.recv(10) == b"", "no end after shutdown()"
print(first.family, data)
print("yes" if data == b"word" else f"no: received {data}")
