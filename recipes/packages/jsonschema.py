import jsonschema

schema = {"type": "object", "properties": {"a": {"type": "number"}}}
jsonschema.validate({"a": 1}, schema)
try:
    jsonschema.validate({"a": "b"}, schema)
except jsonschema.ValidationError as error:
    assert list(error.path) == ["a"]
else:
    raise AssertionError("a wrong type was accepted")
print("yes")
