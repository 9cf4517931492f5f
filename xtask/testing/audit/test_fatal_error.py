"""Leaves the interpreter by its own fatal error."""

import faulthandler
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        faulthandler._sigabrt()
