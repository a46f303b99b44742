"""The line women's federation: its items, known by name so far."""
