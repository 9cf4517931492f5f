"""Traps at the very end."""

import atexit
import os
import unittest


atexit.register(os.abort)


class Tests(unittest.TestCase):
    def test_passes(self):
        pass
