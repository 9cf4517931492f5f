"""help() prints and returns"""
import contextlib
import io

missing = []
for thing, part in ((len, "number of items"), ("json", "JSON"), ("if", "if"), ("LOOPING", "while")):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        help(thing)
    print(thing, len(text.getvalue()), "characters")
    if part not in text.getvalue():
        missing.append(str(thing))
print("yes" if not missing else f"partly: no text about {', '.join(missing)}")
