"""Ports are given to one process each, also while the servers they are for do not listen yet."""

import subprocess
import sys

import pytest

from workbench.testing import ports

#: Draws the port that it is told first, then others.
OTHER = """
import sys
from random import SystemRandom
from workbench.testing import ports
class Chance:
    wanted = [int(sys.argv[1])]
    def randint(self, *limits):
        return self.wanted.pop() if self.wanted else SystemRandom().randint(*limits)
ports._chance = Chance()
print(ports.free_port())
"""


def test_port_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ports.free_port()
    monkeypatch.setattr(ports, "FIRST", first)
    monkeypatch.setattr(ports, "LAST", first + 9)
    assert len({first, *(ports.free_port() for _ in range(4))}) == 5


def test_port_of_another_process_is_not_given() -> None:
    mine = ports.free_port()
    other = subprocess.run([sys.executable, "-c", OTHER, str(mine)], check=True, capture_output=True, text=True)
    assert int(other.stdout) != mine
