"""Names: Unicode, colons, backslashes, bytes that are not UTF-8"""
import os

NAMES = ("grüße-日本-😀", "a::b", "back\\slash", " blank ", "new\nline", "quote\"'", "x" * 255, os.fsdecode(b"not-utf8-\xff"))
failed = []
for name in NAMES:
    try:
        with open(name, "w"):
            pass
        assert name in os.listdir(), f"listed as {os.listdir()}"
        os.remove(name)
    except (OSError, ValueError, AssertionError) as error:
        print(f"{name!a}: {error!r}")
        failed.append(f"{name!a}")
if not failed:
    print("yes")
elif len(failed) < len(NAMES) / 2:
    print(f"partly: not {', '.join(failed)}")
else:
    print(f"no: {len(failed)} of {len(NAMES)} names fail")
