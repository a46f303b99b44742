"""The line archives: its items, known by name so far."""
