"""fcntl.flock(): a second lock on the same file is refused"""
import fcntl

with open("file", "w") as first, open("file", "w") as second:
    fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        refused = False
    except BlockingIOError as error:
        print(error)
        refused = True
    fcntl.flock(first, fcntl.LOCK_UN)
    fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("yes" if refused else "no: both files were locked")
