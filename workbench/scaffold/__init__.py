"""The room of templates: the package of a new line that passes `workbench check` as written."""
