"""pwd: the database of users"""
import os
import pwd

users = pwd.getpwall()
print("users:", len(users))
assert users, "it is empty"
assert pwd.getpwuid(users[0].pw_uid).pw_uid == users[0].pw_uid, "another user was found"
home = os.path.expanduser(f"~{users[0].pw_name}")
print("home:", home)
print("yes" if home == users[0].pw_dir else f"no: the home folder is {home}")
