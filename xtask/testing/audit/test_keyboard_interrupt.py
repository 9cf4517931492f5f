"""Says that a person interrupted it."""

import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        raise KeyboardInterrupt
