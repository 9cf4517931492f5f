"""Ends the process when something is collected."""

import gc
import os
import unittest


class Tests(unittest.TestCase):
    def test_broken(self):
        class Leaves:
            def __del__(self):
                os._exit(0)

        leaves = Leaves()
        leaves.itself = leaves
        del leaves
        gc.collect()
