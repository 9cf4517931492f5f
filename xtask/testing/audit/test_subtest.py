"""One of its subtests fails, and the others do not."""

import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
