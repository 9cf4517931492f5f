"""One thing"""
print("yes")
