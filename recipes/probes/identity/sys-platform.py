"""sys.platform"""
import sys

print(f"yes: {sys.platform}")
