"""random: seeded differently in each process, and repeatable with a seed

The runner compares the lines `value:` of two runs, which must differ.
"""
import random

print("value:", random.random())
random.seed(7)
value = random.random()
print("with seed 7:", value)
print("yes" if value == 0.32383276483316237 else f"no: the seed 7 gives {value}")
