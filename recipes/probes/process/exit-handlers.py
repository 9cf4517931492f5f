"""atexit: functions are called at the end, and output is flushed"""
import atexit

# The answer is printed by the handler: if it is not called, there is none.
atexit.register(print, "yes")
print("registered")
