"""Platforms of the department: family planning."""
