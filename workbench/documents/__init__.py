"""Printed documents: fifteen kinds, their templates per hub, the register of what was printed, the use of the seal."""
