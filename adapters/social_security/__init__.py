"""Platforms of the human resources and social security bureau (人社)."""
