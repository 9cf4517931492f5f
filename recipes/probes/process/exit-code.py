"""sys.exit(7) ends the process with exit code 7

The runner compares the code: `exit-code` in index.toml.
"""
import sys

print("yes")
sys.exit(7)
