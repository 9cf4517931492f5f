"""_codecs_tw: big5, cp950"""
for name in ("big5", "cp950"):
    data = "中".encode(name)
    print(name, data)
    assert data == b"\xa4\xa4" and data.decode(name) == "中", f"{name} gives {data}"
print("yes")
