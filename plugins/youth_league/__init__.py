"""The line Youth League: its items, known by name so far."""
