"""shutil.disk_usage(): free space"""
import shutil

usage = shutil.disk_usage(".")
print(usage)
print("yes" if usage.total > 0 and usage.free > 0 else f"no: {usage}")
