"""socket.getaddrinfo(): look up the name localhost"""
import socket

addresses = {address[4][0] for address in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
print("localhost:", addresses)
print("yes" if addresses & {"127.0.0.1", "::1"} else f"no: it is {addresses}")
