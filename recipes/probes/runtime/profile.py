"""cProfile and pstats: calls and times of functions"""
import cProfile
import io
import pstats


def inner():
    return sum(range(1000))


def outer():
    return [inner() for _ in range(100)]


profiler = cProfile.Profile()
profiler.runcall(outer)
text = io.StringIO()
statistics = pstats.Stats(profiler, stream=text)
statistics.sort_stats("cumulative").print_stats(5)
print(text.getvalue())
calls = {name: values[0] for (_, _, name), values in statistics.stats.items()}
assert calls.get("inner") == 100, f"inner was called {calls.get('inner')} times"
print("yes" if statistics.total_tt > 0 else "no: the times are 0")
