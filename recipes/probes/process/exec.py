"""os.execv(): replace the program with another Python"""
import os
import sys

print("program:", sys.executable, flush=True)
os.execv(sys.executable, [sys.executable, "-c", "print('yes')"])
