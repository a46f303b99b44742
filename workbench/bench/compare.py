"""Twin and product in turn, A B A B, on one database: the measured part of the benchmark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .counting import Counted, count_steps
from .loop import Round, run_round
from .mix import WEIGHTS, Visitor, visitors
from .process import Usage
from .serving import Server
from .sittings import Sitting, accept_cases, open_forms
from .world import Desk, World

#: Forms that stay open, so that the prefilled form can be asked for: one per desk.
SHARE = WEIGHTS["accept"] / 100


@dataclass
class Comparison:
    """All rounds of both targets."""

    rounds: dict[str, list[Round]] = field(default_factory=lambda: {target: [] for target in ("twin", "product")})
    counted: dict[str, dict[str, Counted]] = field(default_factory=dict)
    usage: dict[str, list[Usage]] = field(default_factory=dict)
    start_seconds: dict[str, float] = field(default_factory=dict)


def prepare(world: World, cases: int) -> list[Visitor]:
    """Fill the desks: so many accepted cases, and one open form each."""
    done = accept_cases(world, world.desks, max(cases, len(world.desks)))
    forms = open_forms(world, world.desks, len(world.desks), is_complete=False)
    return list(visitors(world, forms, done))


def compare(world: World, everybody: list[Visitor], rounds: int, count: int) -> Comparison:
    """Run the mix against both programs in turn, so many times."""
    found = Comparison()
    for target in found.rounds:
        found.counted[target] = _count(world, everybody[-1], target)
    with _served(world, found) as servers:
        for number in range(rounds):
            for target, server in servers.items():
                ready = open_forms(world, _accepting(world), round(count * SHARE), is_complete=True)
                found.rounds[target].append(_run(server, world, everybody, ready, count, number))
        found.usage = {target: server.usage() for target, server in servers.items()}
    return found


def _run(
    server: Server, world: World, everybody: list[Visitor], ready: list[Sitting], count: int, number: int
) -> Round:
    before = sum(one.cpu_seconds for one in server.usage())
    done = run_round(server.target, server.port, world, everybody, ready, count, number)
    done.server_cpu_seconds = sum(one.cpu_seconds for one in server.usage()) - before
    return done


def _accepting(world: World) -> list[Desk]:
    """Half of the desks accept; the lists of the others stay as they are, as they do between two polls in life."""
    return world.desks[: len(world.desks) // 2]


def _count(world: World, visitor: Visitor, target: str) -> dict[str, Counted]:
    (ready,) = open_forms(world, [visitor.desk], 1, is_complete=True)
    return count_steps(target, world, visitor, ready)


@contextmanager
def _served(world: World, found: Comparison) -> Iterator[dict[str, Server]]:
    servers: dict[str, Server] = {}
    try:
        for target in ("twin", "product"):
            servers[target] = Server(target, world.settings.instance)
            found.start_seconds[target] = servers[target].start_seconds
        yield servers
    finally:
        for server in servers.values():
            server.stop()
