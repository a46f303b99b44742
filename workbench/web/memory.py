"""The memory of a web process: what lives as long as the program is no business of the garbage collector."""

import gc

#: Collect after so many new objects: a page makes some thousands, and nearly all of them go by themselves.
THRESHOLD = (20_000, 20, 50)


def settle() -> None:
    """Take everything made so far out of the collector's rounds, and let those be rarer. Safe twice."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLD)
