"""Environment: set, read and remove a variable"""
import os

print("variables at the start:", len(os.environ), "PATH" in os.environ)
os.environ["PROBE_WORD"] = "grüße"
assert os.getenv("PROBE_WORD") == "grüße", os.getenv("PROBE_WORD")
assert os.environb[b"PROBE_WORD"] == "grüße".encode(), os.environb[b"PROBE_WORD"]
del os.environ["PROBE_WORD"]
assert os.getenv("PROBE_WORD") is None, "the variable is still there"
os.putenv("PROBE_OTHER", "1")
os.unsetenv("PROBE_OTHER")
print("yes")
