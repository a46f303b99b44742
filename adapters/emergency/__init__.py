"""Platforms of the department: Emergency Management Bureau."""
