"""The national service platform for disabled people: web pages only."""
