"""/dev/urandom, /dev/zero and /dev/full"""
import errno

failed = []
for path in ("/dev/urandom", "/dev/zero", "/dev/full"):
    try:
        with open(path, "r+b", buffering=0) as file:
            data = file.read(8)
            print(path, data)
            assert (data == bytes(8)) == (path != "/dev/urandom"), f"read {data}"
            if path == "/dev/full":
                file.write(b"word")
                raise AssertionError("accepts data")
    except OSError as error:
        if path != "/dev/full" or error.errno != errno.ENOSPC:
            print(error)
            failed.append(path)
    except AssertionError as error:
        print(f"{path}: {error}")
        failed.append(path)
print("no: all three fail" if len(failed) == 3 else f"partly: not {', '.join(failed)}" if failed else "yes")
