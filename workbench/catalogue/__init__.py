"""The room of service items."""
