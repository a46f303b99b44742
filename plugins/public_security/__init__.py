"""The line public security: its items, known by name so far."""
