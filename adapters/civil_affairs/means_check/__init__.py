"""Means check of households: reports and answers as rows of an exchange database."""
