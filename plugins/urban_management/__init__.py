"""The line urban management: its items, known by name so far."""
