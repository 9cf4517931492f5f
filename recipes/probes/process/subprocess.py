"""subprocess.run(): start another Python, with input and output"""
import subprocess
import sys

program = "print(input().upper()); raise SystemExit(7)"
done = subprocess.run([sys.executable, "-c", program], input="word\n", capture_output=True, text=True, timeout=10)
print(done)
assert done.stdout == "WORD\n", f"the output is {done.stdout!r}"
assert done.returncode == 7, f"the exit code is {done.returncode}"
print("yes")
