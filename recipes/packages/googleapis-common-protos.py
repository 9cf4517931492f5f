from google.rpc import status_pb2

status = status_pb2.Status(code=5, message="gone")
assert status_pb2.Status.FromString(status.SerializeToString()).message == "gone"
print("yes")
