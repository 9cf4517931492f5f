"""What there is of the system."""

name = "unknown"
