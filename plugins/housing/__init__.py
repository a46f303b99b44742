"""The line housing: its items, known by name so far."""
