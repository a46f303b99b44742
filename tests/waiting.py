"""Waiting for what other processes and threads do: looked at often, given up only when nobody could wait longer."""

import time
from collections.abc import Callable
from typing import Any

#: Seconds; what takes one on an idle machine may take thirty on one with ten other things to do.
PATIENCE = 180.0


def wait_for(look: Callable[[], Any], *, show: Callable[[], Any] = str) -> Any:
    """Look until something is found and give it; `show` tells what there was instead."""
    until = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < until, f"not so within {PATIENCE:.0f} s: {show()}"
        time.sleep(0.05)
    return found
