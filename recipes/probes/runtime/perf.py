"""Profilers of Linux: sys.activate_stack_trampoline("perf")"""
import os
import sys


def work_that_perf_sees():
    return 1


path = f"/tmp/perf-{os.getpid()}.map"
sys.activate_stack_trampoline("perf")
try:
    work_that_perf_sees()
    assert sys.is_stack_trampoline_active(), "it is not active"
    with open(path) as file:
        found = [line for line in file if "work_that_perf_sees" in line]
finally:
    sys.deactivate_stack_trampoline()
    if os.path.exists(path):
        os.remove(path)
print(found)
print("yes" if found else "no: the map of names does not have the function")
