"""loop.add_signal_handler()"""
import asyncio
import signal


async def main():
    loop, caught = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, caught.set)
    loop.call_later(0.1, signal.raise_signal, signal.SIGTERM)
    await asyncio.wait_for(caught.wait(), 5)


asyncio.run(main())
print("yes")
