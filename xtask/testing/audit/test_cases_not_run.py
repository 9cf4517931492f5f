"""Replaces what runs cases with something that does not."""

import unittest


class A(unittest.TestCase):
    def test_passes(self):
        unittest.TestCase.__call__ = lambda self, result: None


class B(unittest.TestCase):
    def test_broken(self):
        self.fail("broken")
