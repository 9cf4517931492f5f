"""_codecs_kr: euc_kr, cp949, johab"""
for name, wanted in {"euc_kr": b"\xb0\xa1", "cp949": b"\xb0\xa1", "johab": b"\x88\x61"}.items():
    data = "가".encode(name)
    print(name, data)
    assert data == wanted and data.decode(name) == "가", f"{name} gives {data}"
print("yes")
