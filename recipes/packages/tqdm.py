import io

from tqdm import tqdm

file = io.StringIO()
assert sum(tqdm([1, 2, 3], file=file)) == 6
assert "3/3" in file.getvalue()
print("yes")
