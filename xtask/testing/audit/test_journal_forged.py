"""Writes the journal of a success itself, and leaves."""

import json
import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        case, file = self.id(), "test_journal_forged"
        with open("/journal.jsonl", "w") as journal:
            for record in (
                {"suite": [case]},
                {"start": case},
                {"case": case, "outcome": "passed", "text": "", "skipped_subtests": 0, "seconds": 0.1},
                {"file": file, "state": "PASSED", "stats": {"tests_run": 1, "failures": 0, "skipped": 0}},
                {"exit": 0},
            ):
                print(json.dumps(record), file=journal)
        os._exit(0)
