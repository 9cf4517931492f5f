"""Codecs of old code pages: cp437, cp037, koi8-r, mac-roman …"""
NAMES = ("latin-1", "iso8859-15", "cp1252", "koi8-r", "cp437", "cp850", "cp866", "cp037", "cp500")
NAMES += ("mac-roman", "mac-greek", "hp-roman8")
missing = []
for name in NAMES:
    try:
        assert "a1".encode(name).decode(name) == "a1", f"{name} gives other text"
    except LookupError:
        missing.append(name)
print("missing:", missing)
print("yes" if not missing else f"partly: not {', '.join(missing)}")
