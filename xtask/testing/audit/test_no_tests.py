"""Has nothing that could fail."""
