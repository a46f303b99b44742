"""Platforms of the department: People's Armed Forces Department."""
