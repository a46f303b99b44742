"""The line letters and visits: its items, known by name so far."""
