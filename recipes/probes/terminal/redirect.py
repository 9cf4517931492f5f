"""contextlib.redirect_stdout(), and os.dup2() for C code too"""
import contextlib
import io
import os
import sys

text = io.StringIO()
with contextlib.redirect_stdout(text):
    print("word")
assert text.getvalue() == "word\n", "nothing was redirected"
print("redirect_stdout works", flush=True)
try:
    saved = os.dup(1)
    with open("file", "wb") as file:
        os.dup2(file.fileno(), 1)
    os.write(1, b"word")
    os.dup2(saved, 1)
    with open("file", "rb") as file:
        data = file.read()
    print("yes" if data == b"word" else f"partly: os.dup2() has no effect, the file has {data}")
except (AttributeError, OSError) as error:
    print(f"partly: descriptors cannot be redirected: {error}")
