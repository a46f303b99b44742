"""Platforms of the department: Education Bureau."""
