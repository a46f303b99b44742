"""The room of the sitting at the table."""
