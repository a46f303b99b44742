"""Platforms of the department: Market Regulation Bureau."""
