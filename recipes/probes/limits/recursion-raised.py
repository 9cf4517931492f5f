"""Recursion in Python: sys.setrecursionlimit(100_000)"""
import sys

LIMIT = 100_000
deepest = 0


def dive(depth):
    global deepest
    deepest = depth
    dive(depth + 1)


sys.setrecursionlimit(LIMIT)
try:
    dive(1)
except RecursionError as error:
    print(error)
    print(f"yes: {deepest} levels" if deepest > LIMIT * 0.9 else f"partly: {deepest} levels")
