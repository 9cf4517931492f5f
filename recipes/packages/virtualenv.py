import virtualenv

assert virtualenv.__version__
print("yes")
