"""Recursion without end, each level of it through C."""

import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        def deeper(_):
            return sorted([0], key=deeper)

        deeper(0)
