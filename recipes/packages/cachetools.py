import cachetools

cache = cachetools.LRUCache(maxsize=2)
for number in range(3):
    cache[number] = number
assert list(cache) == [1, 2]
print("yes")
