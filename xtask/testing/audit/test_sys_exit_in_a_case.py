"""Asks to end, and says that all is well."""

import sys
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        sys.exit(0)
