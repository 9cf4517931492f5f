from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

client = storage.Client(project="a", credentials=AnonymousCredentials())
assert client.bucket("b").blob("c").public_url.endswith("/b/c")
print("yes")
