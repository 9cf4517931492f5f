import uvicorn

assert uvicorn.Config("a:b", port=1234).port == 1234
print("yes")
