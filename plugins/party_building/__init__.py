"""The line party building: its items, known by name so far."""
