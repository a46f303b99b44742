"""The room of matters."""
