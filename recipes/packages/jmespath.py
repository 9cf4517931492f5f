import jmespath

assert jmespath.search("a[?b > `1`].b", {"a": [{"b": 1}, {"b": 2}]}) == [2]
print("yes")
