"""The line trade union: its items, known by name so far."""
