"""Cannot be imported."""

raise RuntimeError("broken")
