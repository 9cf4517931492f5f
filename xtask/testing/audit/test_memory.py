"""Takes all memory that there is."""

import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        taken = []
        while True:
            taken.append(bytearray(64 << 20))
