"""os.name"""
import os

print(f"yes: {os.name}")
