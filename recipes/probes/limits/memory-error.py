"""A request for too much memory raises MemoryError"""
import sys

for name, ask in {
    "bytearray": lambda: bytearray(sys.maxsize - 100),
    "list": lambda: [None] * (sys.maxsize // 16),
    "str": lambda: "x" * (sys.maxsize - 100),
}.items():
    print(name, flush=True)
    try:
        ask()
        print("no: it succeeded")
        break
    except MemoryError as error:
        print(repr(error))
else:
    print("yes")
