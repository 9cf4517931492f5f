"""fcntl.lockf(): a lock that another process holds is refused"""
import fcntl
import subprocess
import sys

with open("file", "w") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    program = "import fcntl; fcntl.lockf(open('file', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10)
lines = done.stderr.splitlines()
print("the other process:", lines[-1:])
print("yes" if lines and "BlockingIOError" in lines[-1] else "no: both processes locked the file")
