import idna

assert idna.encode("königsgäßchen") == b"xn--knigsgchen-b4a3dun"
assert idna.decode("xn--knigsgchen-b4a3dun") == "königsgäßchen"
print("yes")
