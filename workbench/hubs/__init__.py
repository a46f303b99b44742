"""The room of places."""
