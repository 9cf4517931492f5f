"""asyncio: a loop that the program makes itself, and call_later()"""
import asyncio

loop = asyncio.new_event_loop()
calls = []
loop.call_soon(calls.append, 1)
loop.call_later(0.1, calls.append, 2)
loop.call_later(0.2, loop.stop)
loop.run_forever()
value = loop.run_until_complete(asyncio.sleep(0, "value"))
loop.close()
print(calls, value)
print("yes" if (calls, value) == ([1, 2], "value") else f"no: calls {calls}, value {value!r}")
