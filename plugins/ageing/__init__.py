"""The line ageing: its items, known by name so far."""
