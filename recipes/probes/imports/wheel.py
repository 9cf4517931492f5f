"""A pure-Python wheel: unpack, import, read its metadata and entry point"""
import importlib.metadata
import importlib.resources
import os
import sys
import zipfile

FILES = {
    "probed/__init__.py": "def main():\n    return 'word'\n",
    "probed/data.txt": "data\n",
    "probed-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: probed\nVersion: 1.5\n",
    "probed-1.5.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: probe\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "probed-1.5.dist-info/entry_points.txt": "[console_scripts]\nprobed = probed:main\n",
    "probed-1.5.dist-info/RECORD": "",
}
with zipfile.ZipFile("probed-1.5-py3-none-any.whl", "w") as archive:
    for path, text in FILES.items():
        archive.writestr(path, text)
with zipfile.ZipFile("probed-1.5-py3-none-any.whl") as archive:
    archive.extractall("site")
sys.path.insert(0, os.path.abspath("site"))
version = importlib.metadata.version("probed")
(entry,) = importlib.metadata.entry_points(group="console_scripts", name="probed")
word = entry.load()()
data = importlib.resources.files("probed").joinpath("data.txt").read_text()
print(version, entry, word, data)
print("yes" if (version, word, data) == ("1.5", "word", "data\n") else "no: the wheel has other contents")
