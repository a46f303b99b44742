"""Platforms of the department: Natural Resources and Planning Bureau."""
