import msgpack

assert msgpack.unpackb(msgpack.packb({"a": [1, b"b"]})) == {"a": [1, b"b"]}
print("yes")
