"""Platforms of the department: Public Utilities."""
