"""socket.gethostname()"""
import socket

name = socket.gethostname()
print("length of the name:", len(name))
print("yes" if name else "no: it is empty")
