"""venv: make an environment"""
import os
import venv

venv.create("environment", symlinks=True, with_pip=False)
with open("environment/pyvenv.cfg") as file:
    print(file.read())
python = os.path.join("environment", "bin", "python")
print(python, "->", os.path.realpath(python))
print("yes" if os.path.exists(python) else "no: it has no bin/python")
