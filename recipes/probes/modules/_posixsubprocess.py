"""_posixsubprocess: start another Python"""
import multiprocessing.util
import os
import sys

import _posixsubprocess

# The arguments of fork_exec() differ between versions; this function of the library knows them.
arguments = [sys.executable, "-c", "raise SystemExit(7)"]
pid = multiprocessing.util.spawnv_passfds(os.fsencode(sys.executable), arguments, [])
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(_posixsubprocess.fork_exec, "exit code:", code)
print("yes" if code == 7 else f"no: the exit code is {code}")
