"""Platforms of the department: the disabled persons' federation."""
