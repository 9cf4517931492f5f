"""One of its classes cannot be set up."""

import unittest


class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("broken")

    def test_never_runs(self):
        pass


class Others(unittest.TestCase):
    def test_passes(self):
        pass
