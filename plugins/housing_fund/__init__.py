"""The line housing fund: its items, known by name so far."""
