"""platform.machine()"""
import platform

machine = platform.machine()
print(f"yes: {machine}" if machine else "no: it is empty")
