"""unittest and doctest"""
import doctest
import io
import sys
import unittest


def double(value):
    """
    >>> double(4)
    8
    """
    return value * 2


class Case(unittest.TestCase):
    def test_good(self):
        self.assertEqual(double(1), 2)

    def test_bad(self):
        self.assertEqual(double(1), 3)


suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
finder = doctest.DocTestFinder().find(double, "double", globs={"double": double})
attempted = doctest.DocTestRunner().run(finder[0])
print(result, attempted)
assert (result.testsRun, len(result.failures)) == (2, 1), result
print("yes" if (attempted.failed, attempted.attempted) == (0, 1) else f"no: doctest: {attempted}")
