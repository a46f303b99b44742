"""Ratings of visits (好差评), and what is done about bad ones."""
