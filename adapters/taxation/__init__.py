"""Platforms of the department: Tax Bureau."""
