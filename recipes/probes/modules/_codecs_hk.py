"""_codecs_hk: big5hkscs"""
data = "中".encode("big5hkscs")
print(data)
print("yes" if data == b"\xa4\xa4" and data.decode("big5hkscs") == "中" else f"no: got {data}")
