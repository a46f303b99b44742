"""Platforms of the department: Culture, Sport and Tourism Bureau."""
