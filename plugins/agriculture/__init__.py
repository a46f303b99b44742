"""The line agriculture: its items, known by name so far."""
