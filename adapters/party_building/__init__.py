"""Platforms of the department: Party Organisation Department and Service Centre."""
