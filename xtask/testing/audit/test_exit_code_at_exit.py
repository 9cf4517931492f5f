"""Changes the exit code at the very end."""

import atexit
import os
import unittest


atexit.register(os._exit, 3)


class Tests(unittest.TestCase):
    def test_passes(self):
        pass
