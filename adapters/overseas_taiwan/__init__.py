"""Platforms of the department: Office of Overseas Chinese, Hong Kong, Macao and Taiwan Affairs."""
