"""The room of the people who work here."""
