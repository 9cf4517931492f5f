"""Leaves a variable behind."""

import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        os.environ["AUDIT"] = "left behind"
