"""The room of the clock of the worker process."""
