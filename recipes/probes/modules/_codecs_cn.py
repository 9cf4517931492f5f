"""_codecs_cn: gb2312, gbk, gb18030, hz"""
for name, wanted in {"gb2312": b"\xd6\xd0", "gbk": b"\xd6\xd0", "gb18030": b"\xd6\xd0", "hz": b"~{VP~}"}.items():
    data = "中".encode(name)
    print(name, data)
    assert data == wanted and data.decode(name) == "中", f"{name} gives {data}"
print("yes")
