"""Sockets: IPv6"""
import socket

socket.setdefaulttimeout(5)
print("has_ipv6:", socket.has_ipv6)
with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
    with socket.create_connection(server.getsockname()[:2]) as client:
        connection, address = server.accept()
        connection.sendall(b"word")
        connection.close()
        data = client.recv(10)
print("received:", data, "from", address)
print("yes" if data == b"word" else f"no: received {data}")
