from websockets.frames import Frame, Opcode

assert Frame(Opcode.TEXT, b"a").serialize(mask=False) == b"\x81\x01a"
print("yes")
