"""os.replace(): a file takes the place of another one"""
import os

for name in ("new", "old"):
    with open(name, "w") as file:
        file.write(name)
opened = open("old")
os.replace("new", "old")
with open("old") as file:
    text = file.read()
print("now:", text, "through the file that was open:", opened.read())
assert text == "new" and not os.path.exists("new"), f"the file contains {text!r}"
os.mkdir("folder")
os.rename("folder", "renamed")
assert os.path.isdir("renamed") and not os.path.exists("folder"), "the folder kept its name"
print("yes")
