"""Nothing is wrong with this one: an audit in which everything fails would say nothing."""

import unittest


class Tests(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(1 + 1, 2)

    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertLess(number, 3)
