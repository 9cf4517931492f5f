"""os.fork(): start a child and wait for it"""
import os

pid = os.fork()
if pid == 0:
    os._exit(7)
waited, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
print("exit code of the child:", code)
print("yes" if (waited, code) == (pid, 7) else f"no: the exit code is {code}")
