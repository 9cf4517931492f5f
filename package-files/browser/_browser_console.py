"""The interactive interpreter of the page: when is a block complete, what does it do, how could a word go on. Not for other programs."""

import ast
import builtins
import codeop
import inspect
import linecache
import pkgutil
import re
import rlcompleter
import sys

from _browser import flush, namespace

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
MOST_COMPLETIONS = 300

compiler = codeop.CommandCompiler()
compiler.compiler.flags |= FLAGS
completer = rlcompleter.Completer(namespace)
blocks = 0
module_names = None


def banner():
    return f'Python {sys.version} on {sys.platform}\nType "help", "copyright", "credits" or "license" for more information.'


def more(source):
    """Whether a block goes on after the Enter key, by the rules of CPython's own interactive interpreter."""
    lines = source.split("\n")
    if len(lines) > 1 and not lines[-1].strip():
        # The indentation that the next line began with is not part of the block.
        lines[-1] = ""
    text = "\n".join(lines)
    try:
        return compiler(text, "<input>", "single") is None
    except (OverflowError, SyntaxError, ValueError):
        # Several statements in one block are no error here; the block ends with an empty line.
        return len(lines) > 1 and lines[-1] != ""


async def push(source):
    """Runs a block; gives the exit code if it ended Python, and None otherwise."""
    global blocks
    blocks += 1
    file = f"<input-{blocks}>"
    # Tracebacks show lines of it.
    linecache.cache[file] = (len(source), None, [line + "\n" for line in source.split("\n")], file)
    try:
        # `single` prints the value of an expression.
        single = [ast.Interactive([statement]) for statement in ast.parse(source, file).body]
        codes = [compile(statement, file, "single", FLAGS) for statement in single]
    except (OverflowError, SyntaxError, ValueError, MemoryError, RecursionError) as error:
        # Where it was found is nothing to whoever wrote it.
        sys.excepthook(type(error), error.with_traceback(None), None)
        return flush()
    try:
        for code in codes:
            result = eval(code, namespace)
            if inspect.iscoroutine(result) and code.co_flags & inspect.CO_COROUTINE:
                await result
    except SystemExit as error:
        return exit_code(error)
    except BaseException as error:
        # A cancellation is an interrupt, which whoever runs this block hears of.
        if type(error).__name__ != "CancelledError":
            show(error)
    finally:
        flush()


def exit_code(error):
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def show(error):
    """Prints a traceback without the frames of this file."""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename == show.__code__.co_filename:
        frames = frames.tb_next
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, frames
    sys.last_exc = error
    sys.excepthook(type(error), error.with_traceback(frames), frames)


def complete(line):
    """How the word at a line's end could go on: where it begins, and the whole words."""
    module = re.search(r"^\s*(?:from|import)\s+([\w.]*)$", line)
    if module:
        start, words = module.start(1), modules(module[1])
    else:
        word = re.search(r"[\w.]*$", line)
        start, words = word.start(), names(word[0])
    return {"start": start, "words": words[:MOST_COMPLETIONS]}


def names(word):
    if not word or word.startswith("."):
        return []
    found = []
    while len(found) <= MOST_COMPLETIONS and (name := completer.complete(word, len(found))) is not None:
        found.append(name.rstrip())
    return sorted(set(found), key=lambda name: (name.split(".")[-1].startswith("_"), name))


def modules(word):
    global module_names
    if module_names is None:
        found = {module.name for module in pkgutil.iter_modules()} | set(sys.builtin_module_names)
        module_names = sorted(name for name in found if not name.startswith("_"))
    return [name for name in module_names if name.startswith(word)]


def no_input(reason):
    """Makes `input` say why there is none."""

    def input(prompt="", /):
        raise RuntimeError(reason)

    builtins.input = input
