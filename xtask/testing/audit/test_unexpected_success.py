"""Says that it fails, and does not."""

import unittest


class Tests(unittest.TestCase):
    @unittest.expectedFailure
    def test_passes(self):
        pass
