"""glob and pathlib: find files by patterns"""
import glob
import pathlib

pathlib.Path("a/b").mkdir(parents=True)
for name in ("a/one.txt", "a/b/two.txt", "a/b/three.md"):
    pathlib.Path(name).write_text("")
found = sorted(path.as_posix() for path in pathlib.Path("a").rglob("*.txt"))
print(found, glob.glob("a/*"))
assert found == ["a/b/two.txt", "a/one.txt"], found
assert sorted(glob.glob("**/*.md", recursive=True)) == ["a/b/three.md"], "glob() does not find **/*.md"
print("yes")
