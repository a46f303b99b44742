"""Platforms of the department: civil affairs."""
