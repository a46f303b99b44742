"""Who may do what: scope = hub x line x role, default deny, asked in one function."""

from collections.abc import Iterable
from dataclasses import replace

from ..api.nouns import Worker
from ..host.discover import Line

#: What each role may do at its hub. Nothing else exists; a route names one of these verbs.
ROLE_VERBS: dict[str, frozenset[str]] = {
    "worker": frozenset({"see", "search", "accept", "correct", "rekey", "export", "board"}),
    "reviewer": frozenset({"see", "search", "queue", "review", "board"}),
    "policy": frozenset({"see", "search", "queue", "policy", "board", "quality"}),
    "approver": frozenset({"see", "search", "queue", "review", "approve", "board", "exchange", "erase"}),
    "hub_admin": frozenset({"configure", "board", "staff", "audit", "quality"}),
}
#: A system admin configures every hub, and sees no resident.
SYSTEM_VERBS = frozenset({"configure", "board", "staff", "audit", "system"})
VERBS = frozenset().union(*ROLE_VERBS.values(), SYSTEM_VERBS)


def lines_where(worker: Worker, verb: str, lines: Iterable[Line]) -> tuple[Line, ...]:
    """Give those of some lines in which a worker may do something; a role for every line is asked once for all."""
    everywhere = replace(worker, roles=frozenset(role for role in worker.roles if ":" not in role))
    return tuple(lines) if may(everywhere, verb) else tuple(line for line in lines if may(worker, verb, line.id))


def may(worker: Worker, verb: str, line_id: str = "") -> bool:
    """Tell whether a worker, with the roles held at the hub in question, may do something.

    A role for one line ("worker:civil_affairs") counts for that line, and for questions about no line.
    """
    if worker.is_system_admin and verb in SYSTEM_VERBS:
        return True
    for role in worker.roles:
        name, _, scope = role.partition(":")
        if verb in ROLE_VERBS.get(name, ()) and (not scope or not line_id or scope == line_id):
            return True
    return False
