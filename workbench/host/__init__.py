"""The room of lines and adapters: finds them, gates them per hub, calls them one by one. Knows no database."""
