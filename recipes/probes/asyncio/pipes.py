"""asyncio: read from a pipe"""
import asyncio
import os


async def main():
    loop = asyncio.get_running_loop()
    reading, writing = os.pipe()
    reader = asyncio.StreamReader()
    with open(reading, "rb") as file:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        loop.call_later(0.1, os.write, writing, b"word\n")
        loop.call_later(0.2, os.close, writing)
        return await asyncio.wait_for(reader.read(), 5)


data = asyncio.run(main())
print("read:", data)
print("yes" if data == b"word\n" else f"no: read {data}")
