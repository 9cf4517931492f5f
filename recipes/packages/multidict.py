import multidict

assert multidict.CIMultiDict([("A", 1), ("a", 2)]).getall("a") == [1, 2]
print("yes")
