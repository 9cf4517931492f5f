"""inspect.getsource() of a function of the standard library"""
import inspect
import textwrap

text = inspect.getsource(textwrap.dedent)
print(text.splitlines()[0])
print("yes" if text.startswith("def dedent(") else "no: it is another text")
