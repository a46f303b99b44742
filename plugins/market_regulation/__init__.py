"""The line market regulation: its items, known by name so far."""
