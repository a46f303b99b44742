"""The fourteen hooks a line may implement. All sync, none first-result; declare only the arguments you use.

A hook that raises or blocks takes down one box of the screen, never the screen.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pluggy

from .nouns import Case, Finding, HouseholdEvent, Hub, Panel, Person, Suggestion, Worker

PROJECT = "workbench"
hook = pluggy.HookimplMarker(PROJECT)
spec = pluggy.HookspecMarker(PROJECT)


@spec
def person_panels(hub: Hub, worker: Worker, person: Person) -> Sequence[Panel]:  # type: ignore[empty-body]
    """Boxes of this line on the resident's page."""


@spec
def person_facts(hub: Hub, person: Person) -> Mapping[str, Any]:  # type: ignore[empty-body]
    """Values this line derives from facts already held, by fact key; shown as derived, never stored."""


@spec
def suggest_items(hub: Hub, worker: Worker, person: Person) -> Sequence[Suggestion]:  # type: ignore[empty-body]
    """Items of this line the person may be entitled to."""


@spec
def check_case(hub: Hub, worker: Worker, person: Person, case: Case) -> Sequence[Finding]:  # type: ignore[empty-body]
    """Findings on a form before it is accepted, beyond what the item file can say."""


@spec
def case_accepted(hub: Hub, person: Person, case: Case) -> None:
    """Told after a case of this line was accepted and committed."""


@spec
def case_decided(hub: Hub, person: Person, case: Case) -> None:
    """Told after a department decided a case of this line."""


@spec
def case_withdrawn(hub: Hub, person: Person, case: Case) -> None:
    """Told after a case of this line was withdrawn."""


@spec
def work_queue(hub: Hub, worker: Worker) -> Sequence[Mapping[str, Any]]:  # type: ignore[empty-body]
    """Further rows for the worker's list: title_zh, title_en, url path below the line, due."""


@spec
def search(hub: Hub, worker: Worker, text: str) -> Sequence[Mapping[str, Any]]:  # type: ignore[empty-body]
    """Further search results: title_zh, title_en, url path below the line."""


@spec
def person_merged(hub: Hub, person: Person, merged_id: str, is_parted: bool) -> None:
    """Told after `merged_id` was merged into `person`; with `is_parted`, after the two were taken apart again."""


@spec
def household_changed(hub: Hub, event: HouseholdEvent) -> Sequence[Suggestion]:  # type: ignore[empty-body]
    """Told after a household changed; may give items of this line that the people concerned should think of now."""


@spec
def person_erased(hub: Hub, person_id: str) -> None:
    """Told to forget a person; must remove what the line holds about them. Safe twice."""


@spec
def line_opened(hub: Hub) -> None:
    """Told after this line was opened at a hub."""


@spec
def line_closed(hub: Hub) -> None:
    """Told after this line was closed at a hub."""


HOOK_NAMES: tuple[str, ...] = (
    "person_panels",
    "person_facts",
    "suggest_items",
    "check_case",
    "case_accepted",
    "case_decided",
    "case_withdrawn",
    "work_queue",
    "search",
    "person_merged",
    "household_changed",
    "person_erased",
    "line_opened",
    "line_closed",
)
