"""The demonstration sub-district: three hubs, their workers and residents, all invented, repeatable from a seed."""

from .fill import Filled, fill_demo

__all__ = ["Filled", "fill_demo"]
