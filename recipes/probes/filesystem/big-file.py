"""Files over 4 GiB: seek, write, read and truncate"""
import os

OFFSET = 5 << 30
try:
    # The file has a hole, so that it needs little space on most file systems.
    with open("big", "wb") as file:
        file.seek(OFFSET)
        file.write(b"end")
    size = os.stat("big").st_size
    print("size:", size)
    assert size == OFFSET + 3, f"the size is {size} instead of {OFFSET + 3}"
    with open("big", "rb") as file:
        file.seek(OFFSET - 2)
        data = file.read()
        assert file.tell() == OFFSET + 3, f"tell() gives {file.tell()}"
    assert data == b"\0\0end", f"read {data!r}"
finally:
    os.remove("big")
print("yes")
