import google.auth.credentials
from google.oauth2.credentials import Credentials

assert Credentials(token="a").valid
print("yes")
