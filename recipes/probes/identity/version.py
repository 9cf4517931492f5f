"""The version of Python, and what it was compiled with"""
import platform
import sys

print(sys.version)
print("implementation:", sys.implementation.name, sys.implementation.cache_tag)
print("compiler:", platform.python_compiler())
print("build:", platform.python_build())
print(f"yes: {platform.python_version()}")
