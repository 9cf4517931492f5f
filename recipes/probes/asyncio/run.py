"""asyncio.run(): tasks and timers in the right order"""
import asyncio
import time


async def tick(log, name, seconds):
    for number in range(2):
        await asyncio.sleep(seconds)
        log.append(f"{name}{number}")
    return name


async def main():
    log = []
    names = await asyncio.gather(tick(log, "a", 0.2), tick(log, "b", 0.3))
    print(type(asyncio.get_running_loop()).__name__, names, log)
    return log


for attempt in range(2):
    began = time.monotonic()
    log = asyncio.run(main())
    took = time.monotonic() - began
    print(f"{took:.2f} s")
    assert log == ["a0", "b0", "a1", "b1"], f"the order is {log}"
    assert 0.5 < took < 3, f"it took {took:.2f} s instead of 0.6"
print("yes")
