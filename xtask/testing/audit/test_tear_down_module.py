"""Cannot be torn down."""

import unittest


def tearDownModule():
    raise RuntimeError("broken")


class Tests(unittest.TestCase):
    def test_passes(self):
        pass
