"""_ctypes_test: a shared library with functions for ctypes"""
import ctypes

import _ctypes_test

library = ctypes.CDLL(_ctypes_test.__file__)
# A function of CPython's tests of ctypes: it returns the sum of its fields.
library._testfunc_i_bhilfd.restype = ctypes.c_int
library._testfunc_i_bhilfd.argtypes = [ctypes.c_byte, ctypes.c_short, ctypes.c_int, ctypes.c_long, ctypes.c_float, ctypes.c_double]
value = library._testfunc_i_bhilfd(1, 2, 3, 4, 5.0, 6.0)
print("value:", value)
print("yes" if value == 21 else f"no: the sum is {value}")
