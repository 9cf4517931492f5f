"""Prints what a success would look like."""

import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        os.write(1, b"\xff\0\n0:00:01 [1/1] test_success_on_stdout\n\n== Tests result: SUCCESS ==\n\nAll 1 test OK.\n# done\n")
        os.write(1, b"test_success_on_stdout skipped -- because\n")
        os._exit(0)
