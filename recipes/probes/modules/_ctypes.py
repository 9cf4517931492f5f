"""_ctypes: structures, calls of C functions and callbacks"""
import ctypes


class Pair(ctypes.Structure):
    _fields_ = [("small", ctypes.c_uint8), ("large", ctypes.c_uint32)]


pair = Pair(1, 2)
print("size of a structure:", ctypes.sizeof(pair), bytes(pair))
assert ctypes.sizeof(pair) == 8, f"the size of the structure is {ctypes.sizeof(pair)}"
# A function of Python's own C interface is in every build, and in none of the others' libraries.
function = ctypes.pythonapi.PyLong_FromLong
function.restype, function.argtypes = ctypes.py_object, [ctypes.c_long]
value = function(42)
print("PyLong_FromLong:", value)
assert value == 42, f"the function returned {value}"
try:
    Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    double = Callback(lambda number: number * 2)
    # Called as any C function, through its address.
    called = ctypes.cast(double, Callback)(21)
    print("yes" if called == 42 else f"partly: a callback returned {called}")
except (MemoryError, NotImplementedError, OSError, RuntimeError) as error:
    print(f"partly: no callbacks: {error!r}")
