"""pdb: stop, look at a variable, go on"""
import io
import pdb

output = io.StringIO()
debugger = pdb.Pdb(stdin=io.StringIO("next\np word\ncontinue\n"), stdout=output, nosigint=True, readrc=False)
debugger.run("word = 'found ' + 'it'\nother = 1\n")
print(output.getvalue())
print("yes" if "'found it'" in output.getvalue() else "no: the value was not printed")
