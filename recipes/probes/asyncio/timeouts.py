"""asyncio: timeouts and cancellation"""
import asyncio


async def main():
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.1)
        return "wait_for() did not end the task"
    except TimeoutError:
        print("wait_for: TimeoutError")
    try:
        async with asyncio.timeout(0.1):
            await asyncio.sleep(60)
        return "timeout() did not end the block"
    except TimeoutError:
        print("timeout: TimeoutError")
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
        return "a cancelled task has a result"
    except asyncio.CancelledError:
        print("cancel: CancelledError")
    return ""


reason = asyncio.run(main())
print(f"no: {reason}" if reason else "yes")
