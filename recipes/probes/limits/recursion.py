"""Recursion in Python: the default limit"""
import sys

deepest = 0


def dive(depth):
    global deepest
    deepest = depth
    dive(depth + 1)


print("limit:", sys.getrecursionlimit())
try:
    dive(1)
except RecursionError as error:
    print(error)
    print(f"yes: {deepest} levels")
