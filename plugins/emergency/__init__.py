"""The line emergency management: its items, known by name so far."""
