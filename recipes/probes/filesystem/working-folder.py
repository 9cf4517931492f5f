"""os.chdir() and paths relative to the current folder"""
import os

start = os.getcwd()
os.makedirs("inner")
os.chdir("inner")
with open("here", "w"):
    pass
print(start, "->", os.getcwd())
assert os.path.samefile(os.getcwd(), os.path.join(start, "inner")), f"the folder is {os.getcwd()}"
os.chdir("..")
assert os.path.exists("inner/here"), "the file was made in another folder"
assert os.path.samefile(os.getcwd(), start), f"above the folder is {os.getcwd()}"
print("yes")
