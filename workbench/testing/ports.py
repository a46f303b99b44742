"""Ports for servers that are started to try something."""

from contextlib import suppress
from random import SystemRandom
from socket import socket

#: Below those a system lends to connections, so that what was free a moment ago is still free.
FIRST, LAST = 20_000, 32_000
_chance = SystemRandom()


def free_port() -> int:
    """Give a port of the loopback nobody listens at."""
    while True:
        port = _chance.randint(FIRST, LAST)
        with socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
