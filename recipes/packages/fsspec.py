import fsspec

with fsspec.open("memory://a/b.txt", "w") as file:
    file.write("text")
assert fsspec.filesystem("memory").cat("/a/b.txt") == b"text"
print("yes")
