from packaging.requirements import Requirement
from packaging.version import Version

assert Version("1.0rc1") < Version("1.0")
assert "2.5" in Requirement("a[b]>=2,<3; python_version > '3'").specifier
print("yes")
