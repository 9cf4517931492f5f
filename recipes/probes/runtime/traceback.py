"""Tracebacks show source lines, and where in the line"""
import json
import traceback


def fail(values):
    return values["a"] + values["missing"]


try:
    fail({"a": 1})
except KeyError:
    own = traceback.format_exc()
try:
    json.loads("[1, }")
except ValueError:
    library = traceback.format_exc()
print(own, library, sep="\n")
assert 'values["missing"]' in own, "the line of the program is missing"
assert "^^^" in own, "nothing is marked in the line of the program"
print("yes" if "return _default_decoder.decode(s)" in library else "partly: without the lines of the standard library")
