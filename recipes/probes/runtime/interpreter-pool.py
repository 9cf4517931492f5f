"""concurrent.futures.InterpreterPoolExecutor"""
import concurrent.futures

with concurrent.futures.InterpreterPoolExecutor(2) as pool:
    values = list(pool.map(abs, [-1, -2, -3], timeout=10))
print("values:", values)
print("yes" if values == [1, 2, 3] else f"no: got {values}")
