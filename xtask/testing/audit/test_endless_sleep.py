"""Waits for ever."""

import time
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        time.sleep(1_000_000)
