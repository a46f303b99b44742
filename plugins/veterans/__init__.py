"""The line veterans: its items, known by name so far."""
