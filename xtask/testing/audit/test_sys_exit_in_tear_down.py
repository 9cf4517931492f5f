"""Asks to end when its cases are done."""

import sys
import unittest


def tearDownModule():
    sys.exit(0)


class Tests(unittest.TestCase):
    def test_passes(self):
        pass
