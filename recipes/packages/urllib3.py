import urllib3
from urllib3.util import parse_url
from urllib3.util.retry import Retry

assert parse_url("https://user@example.invalid:8443/a?b=c").port == 8443
assert Retry(total=3).increment(method="GET", url="/", error=None).total == 2
urllib3.PoolManager()
print("yes")
