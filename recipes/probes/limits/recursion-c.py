"""Recursion through C code ends in RecursionError"""
deepest = 0


def dive(depth):
    global deepest
    deepest = depth
    # sorted() calls back, so that each level needs the stack of C code.
    sorted([depth], key=lambda depth: dive(depth + 1))


try:
    dive(1)
except RecursionError as error:
    print(error)
    print(f"yes: {deepest} levels")
