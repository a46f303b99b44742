"""The round-table workbench: a core shell that hosts one plugin per line (条线)."""

__version__ = "0.1.0"
