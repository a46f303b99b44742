"""The line medical insurance: its items, known by name so far."""
