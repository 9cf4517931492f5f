"""zipfile and tarfile with each compression"""
import io
import tarfile
import zipfile

DATA = b"word" * 1000
failed = []
for mode in ("gz", "bz2", "xz", "zst"):
    try:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=f"w:{mode}") as archive:
            member = tarfile.TarInfo("name")
            member.size = len(DATA)
            archive.addfile(member, io.BytesIO(DATA))
        buffer.seek(0)
        with tarfile.open(fileobj=buffer) as archive:
            assert archive.extractfile("name").read() == DATA, "the file has other contents"
    except (ImportError, tarfile.TarError, RuntimeError, ValueError) as error:
        print(f"tar.{mode}: {error}")
        failed.append(f"tar.{mode}")
for method in ("STORED", "DEFLATED", "BZIP2", "LZMA", "ZSTANDARD"):
    try:
        with zipfile.ZipFile(io.BytesIO(), "w", getattr(zipfile, f"ZIP_{method}")) as archive:
            archive.writestr("name", DATA)
            assert archive.read("name") == DATA, "the file has other contents"
    except (AttributeError, ImportError, NotImplementedError, RuntimeError) as error:
        print(f"ZIP_{method}: {error}")
        failed.append(f"ZIP_{method}")
print("yes" if not failed else f"partly: not {', '.join(failed)}")
