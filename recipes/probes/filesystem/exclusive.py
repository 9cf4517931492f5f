"""open(…, "x"): fails if the file exists"""
with open("file", "x") as file:
    file.write("first")
try:
    open("file", "x").close()
    print("no: a file that exists was opened")
except FileExistsError as error:
    print(error)
    with open("file") as file:
        print("yes" if file.read() == "first" else "no: the file lost its contents")
