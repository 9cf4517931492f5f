"""socket.getaddrinfo(): a name that does not exist raises gaierror"""
import socket

try:
    # RFC 6761 reserves this domain for names that do not exist.
    found = socket.getaddrinfo("probe.invalid", 80)
    print(f"no: it has the address {found[0][4][0]}")
except socket.gaierror as error:
    print(error)
    print("yes")
