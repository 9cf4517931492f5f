import asyncio

import aiosignal


async def main():
    seen = []

    async def receiver(x):
        seen.append(x)

    signal = aiosignal.Signal(None)
    signal.append(receiver)
    signal.freeze()
    await signal.send(3)
    assert seen == [3]


asyncio.run(main())
print("yes")
