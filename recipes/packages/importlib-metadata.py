import importlib_metadata

assert importlib_metadata.version("importlib-metadata")
print("yes")
