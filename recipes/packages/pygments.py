import pygments
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

assert '<span class="k">def</span>' in pygments.highlight("def f(): pass", PythonLexer(), HtmlFormatter())
print("yes")
