"""Releasing a list that is nested a million times"""
nested = []
for _ in range(1_000_000):
    nested = [nested]
print("made", flush=True)
del nested
print("released")
print("yes")
