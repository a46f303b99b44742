"""The room of the desk: what a worker sees first, the resident's page, choosing an item. Above reception."""
