"""The room of what travels to platforms."""
