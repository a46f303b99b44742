"""The room of the frame of every page."""
