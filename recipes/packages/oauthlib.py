from oauthlib.oauth1 import Client

url, headers, body = Client("key", client_secret="secret").sign("https://example.invalid/")
assert headers["Authorization"].startswith("OAuth ")
print("yes")
