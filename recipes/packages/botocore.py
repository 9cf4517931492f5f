import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

request = AWSRequest(method="GET", url="https://example.invalid/")
SigV4Auth(Credentials("a", "b"), "s3", "eu-west-1").add_auth(request)
assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256")
print("yes")
