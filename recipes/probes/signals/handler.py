"""signal.signal(): a handler for a signal that the program raises"""
import signal

seen = []
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGABRT):
    signal.signal(number, lambda number, frame: seen.append(signal.Signals(number).name))
    signal.raise_signal(number)
print("seen:", seen)
print("yes" if seen == ["SIGTERM", "SIGINT", "SIGABRT"] else f"no: the handlers saw {seen}")
