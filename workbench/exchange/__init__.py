"""Residents in and out by the hundred: import of a table, undo of one import, export of many."""
