"""tracemalloc: who allocated"""
import tracemalloc

tracemalloc.start()
kept = [bytes(1000) for _ in range(100)]
snapshot = tracemalloc.take_snapshot()
current, peak = tracemalloc.get_traced_memory()
tracemalloc.stop()
top = snapshot.statistics("lineno")[0]
print(top, current, peak)
print("yes" if top.count >= 100 and top.size >= 100_000 and top.traceback[0].lineno == 5 else f"no: most memory is {top}")
