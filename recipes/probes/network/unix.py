"""Sockets: Unix domain, with a name in the file system"""
import os
import socket

socket.setdefaulttimeout(5)
with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
    server.bind("socket")
    server.listen()
    client.connect("socket")
    connection, _ = server.accept()
    connection.sendall(b"word")
    connection.close()
    data = client.recv(10)
print("received:", data, "name exists:", os.path.exists("socket"))
print("yes" if data == b"word" else f"no: received {data}")
