"""Platforms of the department: Commerce and Grain Bureau."""
