import tomli

assert tomli.loads("a = [1, 2]\n[b]\nc = 1979-05-27")["a"] == [1, 2]
print("yes")
