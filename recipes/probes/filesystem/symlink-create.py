"""open() of a symbolic link makes the file that it names"""
import os

os.symlink("target", "link")
with open("link", "w") as file:
    file.write("word")
print(sorted(os.listdir()), os.path.islink("link"))
print("yes" if os.path.islink("link") and os.path.isfile("target") else "no: the link was replaced")
