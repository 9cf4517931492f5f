"""asyncio.to_thread(): a function in a thread wakes the loop"""
import asyncio
import threading
import time


def work():
    time.sleep(0.2)
    return threading.get_ident()


async def main():
    return await asyncio.wait_for(asyncio.to_thread(work), 5)


ident = asyncio.run(main())
print("threads:", ident, threading.get_ident())
print("yes" if ident != threading.get_ident() else "no: it ran in the same thread")
