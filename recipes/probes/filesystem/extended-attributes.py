"""os.setxattr(): extended attributes"""
import os

with open("file", "w"):
    pass
os.setxattr("file", "user.probe", b"word")
value = os.getxattr("file", "user.probe")
print(os.listxattr("file"), value)
print("yes" if value == b"word" else f"no: the value is {value}")
