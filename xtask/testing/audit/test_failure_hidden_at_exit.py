"""Fails, and ends the process with success."""

import atexit
import os
import unittest

atexit.register(os._exit, 0)


class Tests(unittest.TestCase):
    def test_broken(self):
        self.fail("broken")
