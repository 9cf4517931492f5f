"""A regular expression that backtracks over a million characters"""
import re

text = "ab" * 500_000
match = re.match(r"(?:a|b)*$", text)
print("matched:", match.end() if match else None)
assert match and match.end() == len(text), "no match, or a shorter one"
assert re.match(r"(?:(?:a|b)(?:c)?)*d", text[:100_000]) is None, "a match where there is none"
print("yes")
