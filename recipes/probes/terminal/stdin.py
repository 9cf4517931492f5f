"""sys.stdin: read lines to the end

The runner gives the lines: `stdin` in index.toml.
"""
import sys

lines = sys.stdin.readlines()
print("encoding:", sys.stdin.encoding, "lines:", [ascii(line) for line in lines])
assert sys.stdin.readline() == "", "there is more after the end"
print("yes" if lines == ["grüße\n", "\n", "last"] else f"no: read {ascii(lines)}")
