"""Hard links"""
import os

with open("one", "w") as file:
    file.write("word")
os.link("one", "two")
with open("two", "a") as file:
    file.write("s")
with open("one") as file:
    text = file.read()
print(text, os.stat("one").st_nlink)
assert text == "words", f"the first name has {text!r}"
links = os.stat("one").st_nlink
print("yes" if links == 2 and os.path.samefile("one", "two") else f"partly: st_nlink is {links}")
