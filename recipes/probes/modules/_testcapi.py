"""_testcapi: CPython's own tests of its C interface"""
import _testcapi

print("INT_MAX:", _testcapi.INT_MAX)
# A test written in C, which raises an exception where it fails.
_testcapi.test_list_api()
print("yes")
