"""Nested source code compiles, and too deep nesting is an error"""
import ast

depth = 0
for levels in (50, 90, 150, 199):
    try:
        if ast.literal_eval("[" * levels + "]" * levels) is not None:
            depth = levels
    except (RecursionError, MemoryError, SyntaxError) as error:
        print(levels, "levels:", repr(error))
        break
print("brackets:", depth, flush=True)
for name, source in {
    "brackets": "(" * 10_000 + ")" * 10_000,
    "signs": "-" * 100_000 + "1",
    "attributes": "a" + ".b" * 100_000,
    "powers": "1" + "**1" * 100_000,
}.items():
    print(name, flush=True)
    try:
        compile(source, name, "eval")
        print("compiled")
    except (RecursionError, MemoryError, SyntaxError) as error:
        print(type(error).__name__)
print(f"yes: {depth} levels of brackets" if depth >= 90 else f"partly: {depth} levels of brackets")
