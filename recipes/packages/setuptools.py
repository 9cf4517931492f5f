from setuptools import find_packages
from setuptools.dist import Distribution

assert Distribution({"name": "a", "version": "1.0"}).get_fullname() == "a-1.0"
assert find_packages(".") == []
print("yes")
