"""The line overseas chinese and taiwan affairs: its items, known by name so far."""
