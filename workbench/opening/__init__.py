"""The room of opening a line at a hub: what it adds, its admission, its rehearsal, how it fares, closing it again."""
