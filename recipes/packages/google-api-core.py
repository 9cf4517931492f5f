from google.api_core import exceptions
from google.api_core.retry import Retry

assert exceptions.from_http_status(404, "gone").code == 404
assert Retry(predicate=lambda error: False)(lambda: 5)() == 5
print("yes")
