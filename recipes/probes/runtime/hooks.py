"""sys.unraisablehook and warnings"""
import contextlib
import io
import sys
import warnings


class Bad:
    def __del__(self):
        raise ValueError


seen = []
sys.unraisablehook = lambda info: seen.append(info.exc_type.__name__)
bad = Bad()
del bad
text = io.StringIO()
with contextlib.redirect_stderr(text):
    warnings.warn("probe warning")
print("seen:", seen, "warning:", text.getvalue())
assert "probe warning" in text.getvalue(), "the warning was not printed"
print("yes" if seen == ["ValueError"] else f"no: the hook saw {seen}")
