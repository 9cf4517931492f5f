"""Takes its cases out of what is to run."""

import unittest


def load_tests(loader, tests, pattern):
    return unittest.TestSuite()


class Tests(unittest.TestCase):
    def test_passes(self):
        pass
