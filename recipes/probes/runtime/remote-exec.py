"""sys.remote_exec(): run a script in a process, here in this one"""
import os
import sys
import time

with open("script.py", "w") as file:
    file.write("import sys\nsys.probe_was_here = True\n")
sys.remote_exec(os.getpid(), os.path.abspath("script.py"))
deadline = time.monotonic() + 3
while not hasattr(sys, "probe_was_here") and time.monotonic() < deadline:
    pass
print("yes" if hasattr(sys, "probe_was_here") else "no: the script did not run")
