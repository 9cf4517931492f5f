"""unicodedata: names, categories and normal forms"""
import unicodedata

print("version:", unicodedata.unidata_version)
assert unicodedata.lookup("GREEK SMALL LETTER ALPHA") == "α", "lookup() gives another character"
assert unicodedata.normalize("NFC", "u\u0308") == "ü", "normalize() gives other text"
assert unicodedata.east_asian_width("日") == "W", "the width is another one"
print("yes" if "\N{SNOWMAN}" == "☃" else "no: names in source code are wrong")
