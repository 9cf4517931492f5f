from exceptiongroup import catch

seen = []
with catch({ValueError: seen.append}):
    raise ValueError("a")
assert len(seen) == 1
print("yes")
