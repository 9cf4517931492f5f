"""Closes what is not its own, the folders that everything is opened in too."""

import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        os.closerange(0, 100)
