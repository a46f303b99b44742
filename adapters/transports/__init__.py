"""How bytes travel: one module per way, each offering `make_adapter`."""
