"""Two things

It reads its input.
"""
print("yes:", input())
