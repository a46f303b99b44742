"""Printed papers: one typst template each, filled with data only, in a font that holds rare characters."""
