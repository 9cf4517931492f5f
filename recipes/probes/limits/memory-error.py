"""A request for too much memory raises MemoryError"""
import sys

for name, ask in {
    # With 32 bits, one of them may be had, and three are more than there are addresses.
    "bytearray": lambda: [bytearray(sys.maxsize - 100) for _ in range(3)],
    "list": lambda: [None] * sys.maxsize,
    "str": lambda: [chr(97 + number) * (sys.maxsize - 100) for number in range(3)],
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
