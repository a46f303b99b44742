"""The adapters shipped with the workbench, one folder per department."""
