"""Platforms of the department: Justice Bureau."""
