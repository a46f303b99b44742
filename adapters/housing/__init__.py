"""Platforms of the department: Housing and Construction Bureau."""
