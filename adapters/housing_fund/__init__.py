"""Platforms of the department: Housing Fund Management Centre."""
