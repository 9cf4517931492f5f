"""Cannot be set up."""

import unittest


def setUpModule():
    raise RuntimeError("broken")


class Tests(unittest.TestCase):
    def test_passes(self):
        pass
