"""The line natural resources: its items, known by name so far."""
