"""os.system(): a command for the shell"""
import os

status = os.system("exit 7")
print("status:", status)
code = os.waitstatus_to_exitcode(status)
print("yes" if code == 7 else f"no: the exit code is {code}")
