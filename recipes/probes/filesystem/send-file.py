"""os.sendfile() and os.copy_file_range()"""
import os

CALLS = {
    "sendfile": lambda source, target: os.sendfile(target, source, 0, 400),
    "copy_file_range": lambda source, target: os.copy_file_range(source, target, 400),
}
with open("source", "wb") as file:
    file.write(b"word" * 100)
failed = []
for name, call in CALLS.items():
    try:
        with open("source", "rb") as source, open("target", "wb") as target:
            call(source.fileno(), target.fileno())
        with open("target", "rb") as target:
            assert target.read() == b"word" * 100, "the copy is not the same"
    except (AttributeError, OSError, AssertionError) as error:
        print(f"{name}: {error!r}")
        failed.append(name)
print("no: both fail" if len(failed) == 2 else f"partly: not os.{failed[0]}()" if failed else "yes")
