import httpcore

assert httpcore.URL("https://example.invalid/a").origin.port == 443
httpcore.ConnectionPool()
print("yes")
