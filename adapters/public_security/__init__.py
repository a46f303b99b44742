"""Platforms of the department: Public Security Bureau."""
