"""_codecs_iso2022: iso2022_jp, iso2022_kr …"""
data = "中".encode("iso2022_jp")
print(data, "中".encode("iso2022_kr"))
print("yes" if data == b"\x1b$BCf\x1b(B" and data.decode("iso2022_jp") == "中" else f"no: got {data}")
