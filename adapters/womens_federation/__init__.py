"""Platforms of the department: Women's Federation."""
