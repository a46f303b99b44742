"""The line of the Health Commission: its items, as its department ships them."""
