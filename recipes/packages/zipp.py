import io
import zipfile

import zipp

with zipfile.ZipFile(io.BytesIO(), "w") as archive:
    archive.writestr("a/b.txt", "text")
    assert zipp.Path(archive).joinpath("a", "b.txt").read_text(encoding="utf-8") == "text"
print("yes")
