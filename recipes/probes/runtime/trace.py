"""sys.settrace() and sys.setprofile()"""
import sys


def work():
    return len("word")


def record(events, frame, event, argument):
    if frame.f_code is work.__code__:
        events.append(event)
    return lambda *args: record(events, *args)


traced, profiled = [], []
sys.settrace(lambda *args: record(traced, *args))
work()
sys.settrace(None)
sys.setprofile(lambda *args: record(profiled, *args))
work()
sys.setprofile(None)
print("traced:", traced, "profiled:", profiled)
assert traced == ["call", "line", "return"], f"traced {traced}"
print("yes" if profiled == ["call", "c_call", "c_return", "return"] else f"no: profiled {profiled}")
