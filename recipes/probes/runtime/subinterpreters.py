"""Subinterpreters: run code in one that has its own modules

concurrent.interpreters is public since 3.14; before, the module is private.
"""
import sys

SOURCE = """
import sys
if not hasattr(sys, "mark"):
    sys.mark = "inner"
    with open("made", "w") as file:
        file.write("word")
"""
sys.mark = "outer"
try:
    from concurrent import interpreters
except ImportError:
    try:
        import _interpreters as module
    except ImportError:
        import _xxsubinterpreters as module
    ident = module.create()
    print("failure:", module.run_string(ident, SOURCE))
    module.destroy(ident)
else:
    interpreter = interpreters.create()
    interpreter.exec(SOURCE)
    interpreter.close()
with open("made") as file:
    text = file.read()
print("mark:", sys.mark, "written:", text)
print("yes" if (sys.mark, text) == ("outer", "word") else "no: the interpreters share sys")
