"""The room of residents."""
