"""nis: the network information service"""
import nis

# Without a server, only the name of the domain can be read, and few machines have one.
try:
    print("domain:", nis.get_default_domain())
except nis.error as error:
    print("answer of the C library:", error)
print("yes")
