"""Removes what it is itself loaded from."""

import shutil
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        shutil.rmtree("/tests")
