"""The line Red Cross: its items, known by name so far."""
