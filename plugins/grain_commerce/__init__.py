"""The line commerce and grain: its items, known by name so far."""
