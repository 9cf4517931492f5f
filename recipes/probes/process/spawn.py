"""os.posix_spawn(): start another Python"""
import os
import sys

pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "raise SystemExit(7)"], os.environ)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print("exit code of the child:", code)
print("yes" if code == 7 else f"no: the exit code is {code}")
