"""The line Pet registry, as its department ships it."""
