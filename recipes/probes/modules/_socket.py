"""_socket: addresses, and a socket that is bound"""
import _socket

packed = _socket.inet_pton(_socket.AF_INET, "127.0.0.1")
print("127.0.0.1:", packed, "htons(1):", _socket.htons(1))
assert packed == b"\x7f\0\0\1", f"127.0.0.1 is {packed}"
try:
    socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    socket.bind(("127.0.0.1", 0))
    print(socket.getsockname())
    socket.close()
    print("yes")
except (AttributeError, OSError, TypeError) as error:
    print(f"partly: addresses only, no socket: {error}")
