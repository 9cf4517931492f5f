"""pip install --target, from a wheel in a folder

pip runs in this process: the one that is installed, or the one that comes with Python.
"""
import importlib.util
import os
import runpy
import sys
import zipfile

if importlib.util.find_spec("pip") is None:
    import ensurepip

    folder = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
    (wheel,) = (name for name in os.listdir(folder) if name.startswith("pip-"))
    print("from ensurepip:", wheel)
    sys.path.insert(0, os.path.join(folder, wheel))
info = "probed-1.5.dist-info"
files = {
    "probed.py": "VALUE = 'word'\n",
    f"{info}/METADATA": "Metadata-Version: 2.1\nName: probed\nVersion: 1.5\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: probe\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{info}/RECORD": f"probed.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
}
with zipfile.ZipFile("probed-1.5-py3-none-any.whl", "w") as archive:
    for path, text in files.items():
        archive.writestr(path, text)
sys.argv = ["pip", "--isolated", "--no-cache-dir", "--disable-pip-version-check", "install", "--no-index", "--target", "site"]
sys.argv.append("probed-1.5-py3-none-any.whl")
try:
    runpy.run_module("pip", run_name="__main__", alter_sys=False)
except SystemExit as end:
    print("exit code:", end.code)
    assert not end.code, f"pip ended with exit code {end.code}"
sys.path.insert(0, os.path.abspath("site"))
import probed

print("yes" if probed.VALUE == "word" else "no: the installed module has another value")
