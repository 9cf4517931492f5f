"""_codecs_jp: shift_jis, euc_jp, cp932"""
for name, wanted in {"shift_jis": b"\x92\x86", "euc_jp": b"\xc3\xe6", "cp932": b"\x92\x86"}.items():
    data = "中".encode(name)
    print(name, data)
    assert data == wanted and data.decode(name) == "中", f"{name} gives {data}"
print("yes")
