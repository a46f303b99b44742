"""The application with the rooms of the desk, and residents with facts."""

from collections.abc import Callable, Iterator

import pytest
from screens import World, open_world

from workbench.hubs.open_lines import open_line
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.id_number import check_character
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.store.context import Context
from workbench.store.engine import Store

LINES = ("civil_affairs", "social_security", "family_planning", "disability_federation")
ROOMS = ("people", "delivery", "cases", "reception", "desk")
Register = Callable[..., str]


@pytest.fixture
def world(settings: Settings, store: Store, act, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, *ROOMS)
    with act("hubadmin1") as ctx:
        for line_id in LINES:
            open_line(ctx, opened.installed, line_id)
    yield opened
    opened.app.extensions["workbench"].store.close()


def number_of(sequence: int = 901, birth: str = "19400301") -> str:
    first17 = f"990100{birth}{sequence:03d}"
    return first17 + check_character(first17)


@pytest.fixture
def number() -> Callable[..., str]:
    return number_of


@pytest.fixture
def register() -> Register:
    """Register a resident of the context's hub with facts of a department, "__" standing for the dot."""

    def made(
        ctx: Context, name: str = "测试老人", sequence: int = 901, birth: str = "19400301", **facts: object
    ) -> str:
        given = {"name": name, "id_no": number_of(sequence, birth), "phone": f"199000{sequence:05d}"}
        row = register_person(ctx, PersonInput.model_validate(given))
        said = [FactInput(key.replace("__", "."), value, "department", "民政局") for key, value in facts.items()]
        record_facts(ctx, row.id, said)
        return row.id

    return made
