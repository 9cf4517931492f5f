"""threading.local: each thread has its own values"""
import threading

local = threading.local()
local.value = "main"
seen = []


def work():
    seen.append(getattr(local, "value", None))
    local.value = "thread"


thread = threading.Thread(target=work)
thread.start()
thread.join(5)
print("in the thread:", seen, "afterwards:", local.value)
print("yes" if (seen, local.value) == ([None], "main") else "no: the threads share the value")
