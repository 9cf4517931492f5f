from google.protobuf import json_format, struct_pb2

struct = struct_pb2.Struct()
struct.update({"a": [1, "b"]})
assert struct_pb2.Struct.FromString(struct.SerializeToString()) == struct
assert json_format.MessageToDict(struct) == {"a": [1.0, "b"]}
print("yes")
