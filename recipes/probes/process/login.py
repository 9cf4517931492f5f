"""os.getuid() and os.getlogin(): who the user is"""
import getpass
import os

print("uid:", os.getuid(), "gid:", os.getgid(), "groups:", len(os.getgroups()))
os.environ["LOGNAME"] = "probe"
assert getpass.getuser() == "probe", "LOGNAME has no effect"
for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
    os.environ.pop(name, None)
# Without these variables, the name is in the database of users.
print("user:", getpass.getuser())
print("yes")
