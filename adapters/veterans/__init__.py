"""Platforms of the department: Veterans Affairs Bureau."""
