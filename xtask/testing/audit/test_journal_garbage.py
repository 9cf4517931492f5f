"""Writes into the journal what is none."""

import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        with open("/journal.jsonl", "ab") as journal:
            journal.write(b"\xff garbage\n")
