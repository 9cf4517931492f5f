"""_xxsubinterpreters: run code in another interpreter"""
import _xxsubinterpreters

ident = _xxsubinterpreters.create()
_xxsubinterpreters.run_string(ident, "with open('made', 'w') as file: file.write('word')")
print("id:", ident, "all:", _xxsubinterpreters.list_all())
_xxsubinterpreters.destroy(ident)
with open("made") as file:
    print("yes" if file.read() == "word" else "no: the code did not run")
