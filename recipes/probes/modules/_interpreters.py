"""_interpreters: run code in another interpreter"""
import _interpreters

ident = _interpreters.create()
failure = _interpreters.run_string(ident, "with open('made', 'w') as file: file.write('word')")
print("id:", ident, "all:", _interpreters.list_all(), "failure:", failure)
_interpreters.destroy(ident)
with open("made") as file:
    print("yes" if file.read() == "word" else "no: the code did not run")
