"""Adapters that misbehave in every way a package of somebody else's can; they stand in for a real one."""
