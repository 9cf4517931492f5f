"""The Python side of python.mjs: runs code in the interpreter that stays. Not for other programs.

Each function takes a text and gives JSON: {"value": ...}, {"error": {...}}, {"task": ...} or {"wait": ...}.
"""

import ast
import inspect
import json
import os
import sys
import time
import types

FILE = "<code>"
# Larger integers are other numbers in JavaScript.
MOST = 2**53 - 1

main = sys.modules["__main__"] = types.ModuleType("__main__")
main.__builtins__ = __builtins__
namespace = main.__dict__

tasks = {}
loop = None

sys.executable = os.path.join(sys.prefix, "bin", "python{}.{}".format(*sys.version_info))
sys.argv = [""]
for stream in sys.stdout, sys.stderr:
    stream.reconfigure(line_buffering=True)


if os.path.exists("/dev/sleep"):
    busy_sleep = time.sleep
    sleeper = os.open("/dev/sleep", os.O_WRONLY)

    def sleep(seconds, /):
        """Delay execution for a given number of seconds.  The argument may be a floating-point number for subsecond precision."""
        if not seconds > 0:
            return busy_sleep(seconds)
        until = time.monotonic() + seconds
        # A signal that raises nothing does not end it: os.write begins again, and the time to wait for is the same.
        os.write(sleeper, str(until * 1000).encode())

    time.sleep = sleep


def run(code):
    try:
        result = evaluate(compiled(code, FILE))
        if inspect.iscoroutine(result):
            result.close()
            raise SyntaxError("'await' outside of functions needs runAsync")
        return as_json(result)
    except BaseException as error:
        return failure(error)
    finally:
        flush()


def start(code):
    try:
        result = evaluate(compiled(code, FILE))
        if not inspect.iscoroutine(result):
            return as_json(result)
        number = len(tasks) + 1
        tasks[number] = event_loop().create_task(result)
        return json.dumps({"task": number})
    except BaseException as error:
        return failure(error)
    finally:
        flush()


def step(number):
    """Lets the event loop do what is due, and says whether a task is done or for how many milliseconds nothing is due."""
    task = tasks[int(number)]
    try:
        wait = loop.turn()
        if not task.done():
            return json.dumps({"wait": wait * 1000})
        del tasks[int(number)]
        return as_json(task.result())
    except BaseException as error:
        # What the loop itself raises, such as KeyboardInterrupt, is for the code that runs, which hears of it as a cancellation.
        if tasks.pop(int(number), None) and not task.done():
            task.cancel()
            loop.turn()
        if task.done() and not task.cancelled():
            task.exception()
        return failure(error)
    finally:
        flush()


def compiled(code, file):
    """The code's statements, and its last expression if it has one at its end: two code objects."""
    tree = ast.parse(code, file)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.fix_missing_locations(ast.Expression(tree.body.pop().value))
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    statements = compile(tree, file, "exec", flags)
    return statements, last and compile(last, file, "eval", flags)


def evaluate(parts):
    """Runs the parts; a coroutine for the rest once one of them awaits something."""
    statements, last = parts
    result = eval(statements, namespace)
    if inspect.iscoroutine(result) and statements.co_flags & inspect.CO_COROUTINE:
        return finish(result, last)
    if last is None:
        return None
    return eval(last, namespace)


async def finish(statements, last):
    await statements
    if last is None:
        return None
    result = eval(last, namespace)
    return await result if last.co_flags & inspect.CO_COROUTINE else result


def as_json(result):
    try:
        plain = is_plain(result)
    except RecursionError:
        plain = False
    return json.dumps({"value": result if plain else repr(result)})


def is_plain(value):
    """Whether JavaScript gets the same value by way of JSON."""
    if value is None or type(value) in (bool, str):
        return True
    if type(value) is int:
        return -MOST <= value <= MOST
    if type(value) is float:
        return value - value == 0
    if type(value) is list:
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(type(key) is str and is_plain(item) for key, item in value.items())
    return False


def failure(error):
    import traceback

    # The frames of this file are nothing to whoever wrote the code.
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename == failure.__code__.co_filename:
        frames = frames.tb_next
    if isinstance(error, SyntaxError) and frames and frames.tb_frame.f_code.co_filename == ast.__file__.removesuffix("c"):
        # Where it was found is nothing to them either.
        frames = None
    lines = traceback.format_exception(type(error), error, frames)
    name = type(error).__name__
    return json.dumps({"error": {"type": name, "message": str(error), "traceback": "".join(lines)}})


def flush():
    for stream in sys.stdout, sys.stderr:
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def event_loop():
    """asyncio's loop, turned by JavaScript: between two turns the browser does its own work."""
    global loop
    if loop is None:
        import _browser_loop

        loop = _browser_loop.install()
    return loop
