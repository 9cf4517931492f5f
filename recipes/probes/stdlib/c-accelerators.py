"""json, pickle, datetime, decimal, heapq … use their C code"""
import importlib

PAIRS = {
    "json.decoder": "c_scanstring",
    "pickle": "_pickle",
    "datetime": "_datetime",
    "decimal": "_decimal",
    "heapq": "_heapq",
    "bisect": "_bisect",
    "csv": "_csv",
    "asyncio.tasks": "_asyncio",
    "xml.etree.ElementTree": "_elementtree",
    "zoneinfo": "_zoneinfo",
    "queue": "_queue",
    "statistics": "_statistics",
    "struct": "_struct",
    "random": "_random",
}
missing = []
for name, accelerator in PAIRS.items():
    try:
        module = importlib.import_module(name)
        if accelerator.startswith("_"):
            importlib.import_module(accelerator)
        elif getattr(module, accelerator) is None:
            raise ImportError(accelerator)
    except ImportError as error:
        print(f"{name}: {error}")
        missing.append(name)
print("yes" if not missing else f"partly: not {', '.join(missing)}")
