"""asyncio.TaskGroup: an exception ends the other tasks"""
import asyncio

ended = []


async def wait():
    try:
        await asyncio.sleep(60)
    finally:
        ended.append("wait")


async def fail():
    await asyncio.sleep(0.1)
    raise ValueError("word")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(wait())
        group.create_task(fail())


try:
    asyncio.run(main())
    print("no: the exception is lost")
except* ValueError as errors:
    print(repr(errors), "ended:", ended)
    print("yes" if ended == ["wait"] else "no: the other task was not cancelled")
