"""The line ethnic and religious affairs: its items, known by name so far."""
