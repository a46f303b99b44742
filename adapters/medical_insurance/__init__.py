"""Platforms of the department: Medical Security Administration."""
