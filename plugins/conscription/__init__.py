"""The line conscription: its items, known by name so far."""
