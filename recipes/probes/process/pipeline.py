"""A pipeline of two processes, connected by a pipe"""
import subprocess
import sys

first = subprocess.Popen([sys.executable, "-c", "print('word')"], stdout=subprocess.PIPE)
second = subprocess.Popen([sys.executable, "-c", "print(input().upper())"], stdin=first.stdout, stdout=subprocess.PIPE)
first.stdout.close()
output, _ = second.communicate(timeout=10)
first.wait(10)
print("output:", output)
print("yes" if output.split() == [b"WORD"] else f"no: the output is {output}")
