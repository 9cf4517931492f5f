"""JavaScript Object Notation."""
