"""os.uname()"""
import os

# The second field is the name of the machine, which says nothing about Python.
system, node, release, version, machine = os.uname()
print("node:", node)
print("version:", version)
print(f"yes: {system} {release} {machine}")
