"""Leaves another standard output behind."""

import io
import sys
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        sys.stdout = io.StringIO()
