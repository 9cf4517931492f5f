import asyncio

import sniffio


async def main():
    assert sniffio.current_async_library() == "asyncio"


asyncio.run(main())
print("yes")
