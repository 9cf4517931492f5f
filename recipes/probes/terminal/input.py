"""input(): a prompt and an answer, and EOFError at the end"""
first = input("question? ")
print()
try:
    input()
    print("no: there is a second line")
except EOFError:
    print("yes" if first == "answer" else f"no: the answer is {first!r}")
