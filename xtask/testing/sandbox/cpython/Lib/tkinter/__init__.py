"""Is left out of the package."""
