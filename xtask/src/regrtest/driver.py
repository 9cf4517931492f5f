"""Runs one file of CPython's regression tests inside the guest, and writes a journal.

Usage: python regrtest_driver.py

In the current directory (the root directory of the guest, if it has one), request.json contains regrtest's arguments, with the
name of the file last, and a key. CPython's own regrtest runs the file; the driver only observes it.
Each line of journal.jsonl is the key and one JSON object, written immediately and unbuffered, so that the journal is useful even
if the guest traps, hangs or exits early. The key is different for each run, and deleted from the disk before the file runs, so
that lines written by a test are not mistaken for the driver's.

    {"suite": [case, ...]}                     the cases that the file will run
    {"start": case}                            a case starts
    {"case": case, "outcome": ..., ...}        a case, or the set-up of a class or module, finished
    {"file": test, "state": ..., ...}          regrtest's result for the file
    {"exit": code}                             the last line: regrtest finished
"""

import gc
import importlib
import json
import posix
import sys
import time

from test import support


class Journal:
    """Appends lines. Tests may close its file descriptor and replace functions temporarily, so it keeps its own references."""

    def __init__(self, path, key, encode=json.JSONEncoder().encode, open=posix.open, write=posix.write,
                 flags=posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT):
        self._key, self._encode, self._write = key, encode, write
        self._open = lambda: open(path, flags, 0o666)
        self._descriptor = self._open()

    def __call__(self, **record):
        line = (self._key + self._encode(record) + "\n").encode("ascii")
        try:
            written = self._write(self._descriptor, line)
        except OSError:
            self._descriptor = self._open()
            written = self._write(self._descriptor, line)
        if written != len(line):
            raise OSError("the journal could not be written")


def case_id(test):
    return whole(test.id() if hasattr(test, "id") else test)


def whole(text):
    """Escapes lone surrogates, which UTF-8 cannot encode."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def cases(suite):
    """The cases of a suite, in order."""
    try:
        tests = iter(suite)
    except TypeError:
        return [case_id(suite)]
    return [case for test in tests for case in cases(test)]


def watch_result(result_class, journal, current, clock=time.perf_counter):
    """Writes the calls of regrtest's own result class to the journal."""
    # Worst first: a case can have several outcomes, because of its subtests.
    ranks = ["error", "failure", "unexpected-success", "expected-failure", "skipped", "passed"]

    def is_nested(result):
        # A case may run tests itself; these are ignored.
        return current["test"] is not None and current["result"] is not result

    def record(result, test, outcome, text=""):
        if is_nested(result):
            return
        case = current["test"]
        if case is None:
            # The set-up of a class or a module.
            journal(case=case_id(test), outcome=outcome, text=whole(text), skipped_subtests=0, seconds=0)
        elif test is not case and outcome == "skipped":
            current["skipped_subtests"] += 1
        elif current["outcome"] is None or ranks.index(outcome) < ranks.index(current["outcome"]):
            current.update(outcome=outcome, text=text)

    def wrap(name, after):
        original = getattr(result_class, name)

        def method(self, *args):
            original(self, *args)
            after(self, *args)

        setattr(result_class, name, method)

    original_start = result_class.startTest

    def start(self, test):
        if not is_nested(self):
            current.update(result=self, test=test, outcome=None, text="", skipped_subtests=0, began=clock())
            journal(start=case_id(test))
        original_start(self, test)

    def stop(self, test):
        if is_nested(self) or current["test"] is None:
            return
        outcome, text = current["outcome"], current["text"]
        if outcome is None:
            # unittest reports nothing for a case whose only failures are skipped subtests.
            outcome, text = ("passed", "") if current["skipped_subtests"] else ("error", "unittest reported no outcome")
        journal(case=case_id(test), outcome=outcome, text=whole(text),
                skipped_subtests=current["skipped_subtests"], seconds=round(clock() - current["began"], 6))
        current.update(result=None, test=None)

    def subtest(self, test, subtest, error):
        if error is not None:
            failed = issubclass(error[0], test.failureException)
            reported = self.failures if failed else self.errors
            record(self, test, "failure" if failed else "error", reported[-1][1])

    result_class.startTest = start
    wrap("stopTest", stop)
    wrap("addSuccess", lambda self, test: record(self, test, "passed"))
    wrap("addError", lambda self, test, error: record(self, test, "error", self.errors[-1][1]))
    wrap("addFailure", lambda self, test, error: record(self, test, "failure", self.failures[-1][1]))
    wrap("addSkip", lambda self, test, reason: record(self, test, "skipped", reason))
    wrap("addExpectedFailure", lambda self, test, error: record(self, test, "expected-failure"))
    wrap("addUnexpectedSuccess", lambda self, test: record(self, test, "unexpected-success"))
    wrap("addSubTest", subtest)


def first(*places):
    """The first of these functions or classes that this minor has, with the module and the name that it has there."""
    for module, attribute in places:
        try:
            return importlib.import_module(module), attribute, getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            pass
    raise SystemExit(f"driver: regrtest has none of {places}: this minor needs a new driver")


def watch_file(module, name, run, journal, current):
    """Journals what regrtest says of the whole file."""

    def watched(*args):
        result = run(*args)
        if current["test"] is None:
            # A string, or before 3.12 a class.
            state = getattr(result, "state", None) or type(result).__name__
            stats = getattr(result, "stats", None)
            counts = stats and {"tests_run": stats.tests_run, "failures": stats.failures, "skipped": stats.skipped}
            journal(file=getattr(result, "test_name", None) or result.name, state=state, stats=counts)
        return result

    setattr(module, name, watched)


def watch_suite(module, name, run, journal, current):
    """Journals what the file is about to run, and lets its cases see the garbage collector as it always is."""

    def watched(suite):
        if current["test"] is not None:
            return run(suite)
        journal(suite=cases(suite))
        gc.unfreeze()
        current["ran"] = True
        try:
            return run(suite)
        finally:
            # regrtest does this twice more, and in vain.
            support.gc_collect()
            gc.freeze()

    setattr(module, name, watched)


def remember_tests(main):
    """Lets regrtest look for all tests once: it does so even to run a single file, and would in each copy of this process."""
    answers, look = {}, main.findtests

    def remembered(*args, **kwargs):
        key = repr((args, kwargs))
        if key not in answers:
            answers[key] = look(*args, **kwargs)
        return answers[key].copy()

    main.findtests = remembered
    # As regrtest will ask: before 3.12, and since then. If it asks otherwise, it looks itself.
    if hasattr(main, "STDTESTS"):
        remembered(None, main.STDTESTS[:], main.NOTTESTS.copy())
    else:
        remembered(testdir=None, exclude=set())


def main():
    result = "RegressionTestResult"
    watched = {
        "result": first(("test.libregrtest.testresult", result), ("test.support.testresult", result)),
        "suite": first(("test.libregrtest.single", "_run_suite"), ("test.support", "_run_suite")),
        "file": first(("test.libregrtest.main", "run_single_test"), ("test.libregrtest.main", "runtest")),
    }
    regrtest = importlib.import_module("test.libregrtest.main")
    remember_tests(regrtest)
    # regrtest collects garbage six times for each file, and what is there by now is none.
    gc.collect()
    gc.freeze()
    # A host runner that is a fork server copies the process here, so that all imports so far are made only once.
    posix.sched_yield()
    folder = posix.getcwd().rstrip("/")
    with open(f"{folder}/request.json") as file:
        request = json.load(file)
    posix.unlink(f"{folder}/request.json")
    sys.argv[1:] = request["arguments"]
    journal = Journal(f"{folder}/journal.jsonl", request.pop("key"))
    current = {"result": None, "test": None, "ran": False}
    watch_result(watched["result"][2], journal, current)
    watch_suite(*watched["suite"], journal, current)
    watch_file(*watched["file"], journal, current)
    code = 1
    try:
        regrtest.main()
    except SystemExit as leaving:
        code = leaving.code or 0
    if current["ran"]:
        # The interpreter takes down all that a file may have left.
        gc.unfreeze()
    journal(exit=code)
    sys.exit(code)


if __name__ == "__main__":
    main()
