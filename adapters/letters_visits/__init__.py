"""Platforms of the department: Letters and Visits Bureau."""
