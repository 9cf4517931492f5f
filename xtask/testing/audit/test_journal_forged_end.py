"""Writes the last line of the journal itself, and leaves."""

import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        with open("/journal.jsonl", "a") as journal:
            print("{\"exit\": 0}", file=journal)
        os._exit(0)
