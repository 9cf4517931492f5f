"""Sockets: listen on a port, accept and answer"""
import socket

socket.setdefaulttimeout(5)
with socket.socket() as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    port = server.getsockname()[1]
    print("listening on port", port, flush=True)
    assert port > 0, "the port is 0"
    # The connection is complete before accept() is called, so that no thread is needed.
    with socket.create_connection(("127.0.0.1", port)) as client:
        connection, address = server.accept()
        with connection:
            print("accepted:", address)
            client.sendall(b"word")
            connection.sendall(connection.recv(10).upper())
            data = client.recv(10)
print("yes" if data == b"WORD" else f"no: received {data}")
