"""The line utilities: its items, known by name so far."""
