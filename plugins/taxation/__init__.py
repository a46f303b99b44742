"""The line taxation: its items, known by name so far."""
