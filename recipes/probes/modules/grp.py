"""grp: the database of groups"""
import grp

groups = grp.getgrall()
print("groups:", len(groups), groups[:1])
assert groups, "it is empty"
print("yes" if grp.getgrgid(groups[0].gr_gid).gr_gid == groups[0].gr_gid else "no: another group was found")
