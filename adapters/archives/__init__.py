"""Platforms of the department: Archives."""
