import wheel

assert wheel.__version__
print("yes")
