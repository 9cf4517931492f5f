import six
from six.moves.urllib.parse import quote

assert six.ensure_str(b"a") == "a" and quote("a b") == "a%20b"
print("yes")
