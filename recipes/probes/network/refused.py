"""A connection to a port without a server is refused"""
import socket

socket.setdefaulttimeout(5)
with socket.socket() as taken:
    # The port is bound without listening, so that no other process can listen there.
    taken.bind(("127.0.0.1", 0))
    try:
        socket.create_connection(taken.getsockname())
        print("no: it was accepted")
    except ConnectionRefusedError as error:
        print(error)
        print("yes")
