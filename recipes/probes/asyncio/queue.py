"""asyncio.Queue, Lock and Event between tasks"""
import asyncio


async def main():
    queue, ready = asyncio.Queue(1), asyncio.Event()

    async def fill():
        await ready.wait()
        for number in range(3):
            await queue.put(number)
        await queue.put(None)

    task = asyncio.create_task(fill())
    ready.set()
    got = []
    async with asyncio.Lock():
        while (item := await asyncio.wait_for(queue.get(), 5)) is not None:
            got.append(item)
    await task
    return got


got = asyncio.run(main())
print("got:", got)
print("yes" if got == [0, 1, 2] else f"no: the queue gave {got}")
