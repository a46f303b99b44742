"""Injects faults into the real processes and compares the books of both ends: lost 0, doubled 0, invented 0."""
