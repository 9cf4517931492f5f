import anyio


async def main():
    send, receive = anyio.create_memory_object_stream(1)
    async with send, receive:
        await send.send(5)
        assert await receive.receive() == 5


anyio.run(main)
print("yes")
