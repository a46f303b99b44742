"""Platforms of the department: Federation of Trade Unions."""
