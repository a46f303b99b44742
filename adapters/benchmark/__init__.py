"""The translation for the pretend departments of `workbench bench`; no real department is reached through it."""
