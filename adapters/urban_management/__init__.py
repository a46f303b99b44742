"""Platforms of the department: Urban Management Bureau."""
