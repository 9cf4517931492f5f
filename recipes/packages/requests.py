import requests

request = requests.Request("POST", "https://example.invalid/a", params={"b": "c d"}, json={"e": 1}).prepare()
assert request.url == "https://example.invalid/a?b=c+d"
assert request.body == b'{"e": 1}'
requests.Session()
print("yes")
