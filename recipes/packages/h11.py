import h11

client = h11.Connection(h11.CLIENT)
data = client.send(h11.Request(method="GET", target="/", headers=[("Host", "example.invalid")]))
assert data == b"GET / HTTP/1.1\r\nHost: example.invalid\r\n\r\n"
print("yes")
