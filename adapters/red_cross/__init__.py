"""Platforms of the department: Red Cross Society."""
