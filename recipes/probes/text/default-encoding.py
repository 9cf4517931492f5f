"""Files, names and arguments are UTF-8 by default"""
import locale
import sys

with open("file", "w") as file:
    encoding = file.encoding
print("utf8_mode:", sys.flags.utf8_mode, "open:", encoding, "names:", sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
print("locale:", locale.getpreferredencoding(False))
print("yes" if encoding.lower() == sys.getfilesystemencoding() == "utf-8" else f"no: open() uses {encoding}")
