"""code.InteractiveConsole and completion of names"""
import code
import contextlib
import io
import rlcompleter

text = io.StringIO()
console = code.InteractiveConsole()
with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
    more = console.push("def f():")
    console.push("    return 6 * 7")
    console.push("")
    console.push("f()")
    console.push("1 / 0")
completer = rlcompleter.Completer({"word": "x"})
print(text.getvalue(), completer.complete("word.uppe", 0))
assert more and "42" in text.getvalue() and "ZeroDivisionError" in text.getvalue(), f"the console printed {text.getvalue()!r}"
print("yes" if (completer.complete("word.uppe", 0) or "").startswith("word.upper") else "no: names are not completed")
