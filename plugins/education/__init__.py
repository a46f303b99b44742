"""The line education: its items, known by name so far."""
