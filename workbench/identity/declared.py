"""Hooks and jobs say under which right they run, as routes do; nothing starts with one that does not.

The right of a hook is the one of the act it is called in. The right of a job is the one of the person who would do by
hand what it does; the trail names the workbench itself as the actor.
"""

from collections.abc import Iterable, Mapping

from .may import VERBS

HOOK_RIGHTS: Mapping[str, str] = {
    "person_panels": "see",
    "person_facts": "see",
    "suggest_items": "see",
    "check_case": "accept",
    "case_accepted": "accept",
    "case_decided": "review",
    "case_withdrawn": "correct",
    "work_queue": "see",
    "search": "search",
    "person_merged": "accept",
    "person_erased": "system",
    "household_changed": "accept",
    "line_opened": "configure",
    "line_closed": "configure",
}


class Undeclared(Exception):
    """A hook or a job has no right that exists; nobody would know for whom it acts."""


def refuse_open_hooks(hooks: Iterable[str], rights: Mapping[str, str] = HOOK_RIGHTS) -> None:
    """Raise Undeclared for a hook without a right that exists."""
    for hook in hooks:
        if rights.get(hook) not in VERBS:
            raise Undeclared(f"hook {hook}: {rights.get(hook, 'no right')!r} is no right that exists")


def refuse_open_jobs(jobs: Iterable[tuple[str, str]]) -> None:
    """Raise Undeclared for a job, given by name and right, without a right that exists."""
    for name, right in jobs:
        if right not in VERBS:
            raise Undeclared(f"job {name}: {right!r} is no right that exists")
