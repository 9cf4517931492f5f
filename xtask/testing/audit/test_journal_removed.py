"""Removes the journal."""

import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        os.unlink("/journal.jsonl")
