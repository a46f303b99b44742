"""Platforms of the department: Agriculture and Rural Affairs Bureau."""
