"""Ports for servers that are started to try something."""

import os
from collections import deque
from contextlib import suppress
from random import SystemRandom
from socket import SO_REUSEADDR, SOL_SOCKET, socket

#: Below those a system lends to connections, so that what was free a moment ago is still free.
FIRST, LAST = 20_000, 32_000
#: How many ports a process keeps from others until the servers they are for listen, which takes them some seconds.
MOST = 64
_chance = SystemRandom()
_kept: deque[int] = deque()


def free_port() -> int:
    """Give a port of the loopback nobody listens at and nobody else is given while a server of ours starts there."""
    while True:
        port = _chance.randint(FIRST, LAST)
        with socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # servers say so too, and may listen beside what is kept
            _keep(probe.detach())
            return port


def _keep(bound: int) -> None:
    _kept.append(bound)
    if len(_kept) > MOST:
        os.close(_kept.popleft())
