"""tempfile: folder, named file and nameless file"""
import os
import tempfile

print("folder for temporary files:", tempfile.gettempdir())
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "file"), "w") as file:
        file.write("word")
assert not os.path.exists(folder), "the folder is still there"
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("word")
    file.seek(0)
    assert file.read() == "word", "the named file has other contents"
    name = file.name
assert not os.path.exists(name), "the file is still there"
with tempfile.TemporaryFile() as file:
    file.write(b"word")
    file.seek(0)
    assert file.read() == b"word", "the nameless file has other contents"
if os.path.samefile(tempfile.gettempdir(), os.getcwd()):
    print("partly: in the current folder, since there is no folder for temporary files")
else:
    print("yes")
