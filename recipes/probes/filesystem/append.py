"""Two open files append to the same file"""
with open("log", "a") as first, open("log", "a") as second:
    for number in range(3):
        first.write(f"first {number}\n")
        first.flush()
        second.write(f"second {number}\n")
        second.flush()
with open("log") as file:
    lines = file.read().splitlines()
print(lines)
wanted = [f"{name} {number}" for number in range(3) for name in ("first", "second")]
print("yes" if lines == wanted else f"no: the file has {len(lines)} of 6 lines")
