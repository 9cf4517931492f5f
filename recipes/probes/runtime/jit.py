"""The JIT compiler"""
import sys
import sysconfig

if hasattr(sys, "_jit"):
    available, enabled = sys._jit.is_available(), sys._jit.is_enabled()
else:
    # Python 3.13 can have one, and does not tell whether it is on.
    available = enabled = "experimental-jit" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
print("available:", available, "enabled:", enabled)
print("yes" if enabled else "partly: it is off, PYTHON_JIT=1 turns it on" if available else "no: built without it")
