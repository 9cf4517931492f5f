"""asyncio.create_subprocess_exec()"""
import asyncio
import sys


async def main():
    program = "print(input().upper())"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=pipe, stdout=pipe)
    output, _ = await asyncio.wait_for(process.communicate(b"word\n"), 10)
    return output, process.returncode


output, code = asyncio.run(main())
print("output:", output, "exit code:", code)
print("yes" if (output.strip(), code) == (b"WORD", 0) else f"no: output {output}, exit code {code}")
