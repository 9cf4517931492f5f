# re: searching and replacing in a text, in C code that the interpreter calls often.
import re

LINE = "2026-11-27 12:34:56 INFO client=10.0.{0}.{1} path=/a/b/{0}?q={1} took={2}ms\n"
TEXT = "".join(LINE.format(number % 256, number * 7 % 256, number) for number in range(5000))
FIELDS = re.compile(r"client=(?P<client>\d+(?:\.\d+){3}) path=(?P<path>\S+) took=(?P<took>\d+)ms")
WORDS = re.compile(r"\b[a-z]+(?==)")


def work():
    total = sum(int(match["took"]) for match in FIELDS.finditer(TEXT))
    replaced = WORDS.sub(lambda match: match[0].upper(), TEXT)
    return f"{total} {replaced.count('CLIENT')} {len(re.findall(r'(?:0|5)+ms$', TEXT, re.MULTILINE))}"
