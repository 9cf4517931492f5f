"""select: select() and poll() see that a pipe can be read"""
import os
import select

reading, writing = os.pipe()
assert select.select([reading], [], [], 0.05)[0] == [], "an empty pipe is ready"
assert select.select([], [writing], [], 5)[1] == [writing], "a pipe cannot be written"
os.write(writing, b"word")
ready = select.select([reading], [], [], 5)[0]
print("select:", ready)
assert ready == [reading], "a full pipe is not ready"
if hasattr(select, "poll"):
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    events = poll.poll(5000)
    print("poll:", events)
    print("yes" if events == [(reading, select.POLLIN)] else f"partly: poll() gives {events}")
else:
    print("partly: no poll()")
