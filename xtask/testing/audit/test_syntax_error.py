"""Is no Python."""

def test_broken(:
