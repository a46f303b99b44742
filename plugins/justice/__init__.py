"""The line justice: its items, known by name so far."""
