"""platform.platform()"""
import platform

print("system:", platform.system(), "release:", platform.release(), "libc:", platform.libc_ver())
print(f"yes: {platform.platform()}")
