import jwt

key = "k" * 32
token = jwt.encode({"a": 1}, key, algorithm="HS256")
assert jwt.decode(token, key, algorithms=["HS256"]) == {"a": 1}
print("yes")
