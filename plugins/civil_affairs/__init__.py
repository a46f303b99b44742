"""The line of the Civil Affairs Bureau: its items, as its department ships them."""
