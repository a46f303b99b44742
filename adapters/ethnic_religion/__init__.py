"""Platforms of the department: Ethnic and Religious Affairs Bureau."""
