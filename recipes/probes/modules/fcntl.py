"""fcntl: flags of descriptors"""
import fcntl
import os

with open("file", "w") as file:
    fcntl.fcntl(file, fcntl.F_SETFD, 0)
    inherited = fcntl.fcntl(file, fcntl.F_GETFD)
    fcntl.fcntl(file, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    closed = fcntl.fcntl(file, fcntl.F_GETFD)
    before = fcntl.fcntl(file, fcntl.F_GETFL)
    fcntl.fcntl(file, fcntl.F_SETFL, before | os.O_APPEND)
    after = fcntl.fcntl(file, fcntl.F_GETFL)
print("F_GETFD:", inherited, closed, f"F_GETFL: {before:o} {after:o}")
assert after & os.O_APPEND, "O_APPEND is not set"
print("yes" if (inherited, closed) == (0, fcntl.FD_CLOEXEC) else f"partly: FD_CLOEXEC is {inherited} and {closed}")
