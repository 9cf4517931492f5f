"""dir_fd: paths relative to an open folder"""
import os

os.mkdir("folder")
folder = os.open("folder", os.O_RDONLY)
with open(os.open("file", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder), "w") as file:
    file.write("word")
size = os.stat("file", dir_fd=folder).st_size
names = os.listdir(folder) if os.listdir in os.supports_fd else None
os.unlink("file", dir_fd=folder)
print("size:", size, "names:", names)
assert size == 4 and not os.path.exists("folder/file"), f"the size is {size}, and the file may still be there"
os.close(folder)
print("yes" if names == ["file"] else "partly: os.listdir() takes no descriptor")
