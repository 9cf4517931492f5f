import fastapi

app = fastapi.FastAPI()


@app.get("/items/{number}")
def item(number: int):
    return number


assert "/items/{number}" in app.openapi()["paths"]
print("yes")
