import frozenlist

items = frozenlist.FrozenList([1, 2])
items.freeze()
assert list(items) == [1, 2]
print("yes")
