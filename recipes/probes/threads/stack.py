"""Recursion in a thread ends in RecursionError"""
import threading

deepest = {}


def in_python(depth):
    deepest["Python"] = depth
    in_python(depth + 1)


def through_c(depth):
    deepest["C"] = depth
    sorted([depth], key=lambda depth: through_c(depth + 1))


def work():
    for recurse in (in_python, through_c):
        try:
            recurse(1)
        except RecursionError as error:
            print(recurse.__name__, "->", error, flush=True)


thread = threading.Thread(target=work)
thread.start()
thread.join(10)
print(f"yes: {deepest['Python']} levels, {deepest['C']} through C code")
