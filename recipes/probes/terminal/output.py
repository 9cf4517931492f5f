"""sys.stdout: Unicode, bytes, and many lines at once"""
import sys

print("encoding:", sys.stdout.encoding, sys.stdout.errors, "line buffering:", sys.stdout.line_buffering)
print("grüße 日本 😀")
sys.stdout.flush()
sys.stdout.buffer.write("bytes: ü\n".encode())
# More than a pipe holds; the runner may shorten it.
for _ in range(200):
    sys.stdout.write("·" * 500 + "\n")
sys.stderr.write("to stderr: grüße\n")
print("yes" if sys.stdout.encoding.lower() == "utf-8" else f"no: the encoding is {sys.stdout.encoding}")
