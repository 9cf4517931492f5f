"""asyncio: a server and a client over TCP"""
import asyncio


async def answer(reader, writer):
    writer.write((await reader.readline()).upper())
    writer.close()
    await writer.wait_closed()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"word\n")
        data = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
    return data


data = asyncio.run(main())
print("received:", data)
print("yes" if data == b"WORD\n" else f"no: received {data}")
