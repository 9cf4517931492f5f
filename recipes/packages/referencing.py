from referencing.jsonschema import DRAFT202012

resource = DRAFT202012.create_resource({"$id": "urn:a"})
assert resource.id() == "urn:a"
print("yes")
