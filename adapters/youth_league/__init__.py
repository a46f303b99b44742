"""Platforms of the department: Youth League Committee."""
