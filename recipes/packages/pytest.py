import pathlib

import pytest

pathlib.Path("test_one.py").write_text("def test_one():\n    assert 1 + 1 == 2\n")
assert pytest.main(["-q", "-p", "no:cacheprovider", "test_one.py"]) == 0
print("yes")
