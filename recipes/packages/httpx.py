import httpx

transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"path": request.url.path}))
with httpx.Client(transport=transport) as client:
    assert client.get("https://example.invalid/a").json() == {"path": "/a"}
print("yes")
