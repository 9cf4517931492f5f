"""Computes for ever."""

import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        while True:
            pass
