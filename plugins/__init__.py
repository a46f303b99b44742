"""The lines shipped with the workbench, one folder per line."""
