"""Platforms of the department: Office of Ageing and Elderly Care."""
