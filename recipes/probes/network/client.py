"""Sockets: connect as a client and exchange data

The server is that of PROBE_HTTP_URL, or a socket of this program.
"""
import os
import socket
import urllib.parse

socket.setdefaulttimeout(5)
if url := os.environ.get("PROBE_HTTP_URL"):
    parts = urllib.parse.urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 80)) as client:
        client.sendall(f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
        data = client.recv(100)
    print("received:", data)
    print("yes" if data.startswith(b"HTTP/1.") else f"no: received {data}")
else:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        print("connected:", client.getsockname(), "to", client.getpeername())
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"word")
            data = client.recv(10)
    print("received:", data)
    print("yes" if data == b"word" else f"no: received {data}")
