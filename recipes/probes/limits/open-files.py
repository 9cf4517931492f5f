"""Open files at the same time, up to 1000"""
COUNT = 1000
files = []
reason = ""
try:
    for number in range(COUNT):
        files.append(open(f"file{number}", "w"))
except OSError as error:
    reason = error.strerror
for file in files:
    file.close()
print("opened:", len(files), reason)
print(f"yes: {len(files)} files" if len(files) == COUNT else f"partly: {len(files)} files, then {reason}")
