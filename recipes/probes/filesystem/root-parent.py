"""The folder above / is /"""
import os

here, above = sorted(os.listdir("/")), sorted(os.listdir("/.."))
print("names in /:", len(here), "names in /..:", len(above))
print("yes" if os.path.samefile("/..", "/") and here == above else "no: it is another folder")
