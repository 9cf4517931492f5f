from requests_oauthlib import OAuth2Session

url, state = OAuth2Session("id").authorization_url("https://example.invalid/")
assert "client_id=id" in url and state in url
print("yes")
