"""No list reads a big table, or a hub, from end to end: what the database says it will do behind the pages.

Each case runs the verb itself; every statement it sends is explained with the values it was sent with.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from plans import listening, read_whole
from screens import World

from workbench.admin.look_back import Asked, look_back
from workbench.agenda.find import waiting
from workbench.agenda.found import ENTRIES, count_lists
from workbench.assigned.find import open_tasks, settled_tasks
from workbench.cases import find
from workbench.catalogue.loaded import catalogue
from workbench.delivery.find import OPEN, list_deliveries
from workbench.delivery.lease import claim
from workbench.delivery.outcomes import unapplied_outcomes
from workbench.desk.offered import count_offered
from workbench.desk.today import stopped_deliveries
from workbench.desk.trail import last_looks
from workbench.enquiries.find import count_enquiries, enquiries_of, list_enquiries
from workbench.hall.call import call_next
from workbench.hall.look import look
from workbench.hall.slots import booked_on
from workbench.host.discover import discover
from workbench.people.facts import read_history
from workbench.people.find import find_people
from workbench.people.find_homes import find_households
from workbench.people.models import PersonRow
from workbench.quality.rate import read_visit
from workbench.quality.settle import bad_ratings, count_ratings
from workbench.retention.due import Place, list_cases, list_people
from workbench.retention.terms import Terms
from workbench.settings import Retention
from workbench.store.context import Context
from workbench.store.rows import run

HUB, PLATFORM = "wutong", "civil_affairs.case_gateway"
Ask = Callable[[Context, Any], object]

LISTS: dict[str, Ask] = {
    "people by name": lambda ctx, at: find_people(ctx, "张"),
    "people by phone": lambda ctx, at: find_people(ctx, "15400000001"),
    "people by id": lambda ctx, at: find_people(ctx, _id_no(ctx, at)),
    "people by id, citywide": lambda ctx, at: find_people(ctx, _id_no(ctx, at), citywide=True),
    "households by address": lambda ctx, at: find_households(ctx, "梧桐路"),
    "households by address, two words": lambda ctx, at: find_households(ctx, "梧桐路 3-2-101"),
    "households by head": lambda ctx, at: find_households(ctx, "户主张"),
    "open cases": lambda ctx, at: find.open_cases(ctx),
    "open cases, next page": lambda ctx, at: find.open_cases(ctx, after=("2026-11-20", at.case_id)),
    "open cases of the hub": lambda ctx, at: find.open_cases(ctx, mine=False),
    "cases to review": lambda ctx, at: find.cases_to_review(ctx, frozenset({"reviewer", "approver:civil_affairs"})),
    "decided cases": lambda ctx, at: find.recent_cases(ctx, ("concluded",)),
    "cases of a resident": lambda ctx, at: find.cases_of(ctx, at.person_id),
    "case by number": lambda ctx, at: find.find_by_number(ctx, at.case_no),
    "parked forms": lambda ctx, at: find.parked_drafts(ctx),
    "claim": lambda ctx, at: _claim(ctx),
    "cases due for erasure": lambda ctx, at: _due(ctx, list_cases),
    "residents' files due for erasure": lambda ctx, at: _due(ctx, partial(list_people, hub_id=HUB)),
    "deliveries under way": lambda ctx, at: list_deliveries(ctx, states=OPEN),
    "all deliveries": lambda ctx, at: list_deliveries(ctx),
    "deliveries of a platform, next page": lambda ctx, at: list_deliveries(ctx, platform_id=PLATFORM, after=at.case_id),
    "stopped deliveries": lambda ctx, at: stopped_deliveries(ctx),
    "news for cases": lambda ctx, at: unapplied_outcomes(ctx.session),
    "tasks of departments": lambda ctx, at: open_tasks(ctx, ["civil_affairs", "housing"]),
    "settled tasks": lambda ctx, at: settled_tasks(ctx, ["civil_affairs"]),
    "enquiries": lambda ctx, at: list_enquiries(ctx, ["civil_affairs"], "open"),
    "enquiry by number": lambda ctx, at: list_enquiries(ctx, ["civil_affairs"], number="ZX1"),
    "enquiries of a resident": lambda ctx, at: enquiries_of(ctx, at.person_id, ["civil_affairs"]),
    "enquiries counted": lambda ctx, at: count_enquiries(ctx, ["civil_affairs"]),
    "what waits for a worker": lambda ctx, at: count_offered(ctx, catalogue(discover())),
    "lists of the night": lambda ctx, at: count_lists(ctx),
    "people of a list": lambda ctx, at: run(ctx.session, ENTRIES, **_listed(ctx)),
    "facts of a resident": lambda ctx, at: read_history(ctx, at.person_id),
    "last looks at a resident": lambda ctx, at: last_looks(ctx, at.person_id),
    "agenda": lambda ctx, at: waiting(ctx),
    "agenda, next page": lambda ctx, at: waiting(ctx, "recheck", after=("2026-11-20", at.case_id)),
    "numbers of the hall": lambda ctx, at: look(ctx),
    "next number of the hall": lambda ctx, at: call_next(ctx),
    "appointments of a day": lambda ctx, at: booked_on(ctx, ctx.clock.today()),
    "how the hub was rated": lambda ctx, at: count_ratings(ctx, ctx.clock.now()),
    "bad ratings": lambda ctx, at: bad_ratings(ctx, settled=False),
    "matters of a visit": lambda ctx, at: read_visit(ctx, at.case_id),
    "trail of a resident": lambda ctx, at: look_back(ctx.session, Asked((HUB, ""), person_id=at.person_id)),
    "trail of a worker": lambda ctx, at: look_back(ctx.session, Asked((HUB, ""), worker_id=ctx.actor.id)),
    "trail of the hub": lambda ctx, at: look_back(ctx.session, Asked((HUB,))),
    "trail of the hub, next page": lambda ctx, at: look_back(ctx.session, Asked((HUB, ""), before="1795000000-5")),
}


def _listed(ctx: Context) -> dict[str, Any]:
    return {"hub": ctx.hub.id, "item": "MZ-005", "kind": "entitled", "after": "", "most": 21}


def _id_no(ctx: Context, at: Any) -> str:
    return ctx.session.get_one(PersonRow, at.person_id).id_no or ""


def _claim(ctx: Context) -> object:
    found = claim(ctx.session, ctx.files, worker_id="w", platform_id=PLATFORM, limit=10, now=ctx.clock.now())
    assert found
    return found


@pytest.mark.parametrize("name", LISTS)
def test_list_reads_no_big_table_whole(
    tall: World,
    places: Callable[[World], Any],
    acting: Callable[..., AbstractContextManager[Context]],
    name: str,
) -> None:
    at = places(tall)
    with acting(tall) as ctx:
        with listening(ctx.session.get_bind().engine) as sent:
            LISTS[name](ctx, at)
        connection = ctx.session.connection()
        asked = [(statement, values) for statement, values in sent if statement.lstrip().startswith("SELECT")]
        assert asked
        assert {statement: read_whole(connection, statement, values) for statement, values in asked} == {
            statement: [] for statement, _ in asked
        }
        ctx.session.rollback()


def _due(ctx: Context, some: Callable[..., int]) -> None:
    """List what would be due in many years, one part and the next."""
    terms, place = Terms(catalogue(discover()), Retention()), Place()
    for _part in range(2):
        some(ctx.session, terms, ctx.clock.now() + timedelta(days=365 * 30), place=place)


def test_plan_that_reads_a_big_table_is_noticed(
    tall: World, acting: Callable[..., AbstractContextManager[Context]]
) -> None:
    with acting(tall) as ctx:
        connection = ctx.session.connection()
        empty: Any = () if tall.store.is_sqlite else {}
        assert read_whole(connection, "SELECT title_zh FROM cases WHERE title_zh = 'x'", empty)
        assert read_whole(connection, "SELECT title_zh FROM cases WHERE hub_id = 'wutong' AND title_zh = 'x'", empty)
        assert not read_whole(connection, "SELECT title_zh FROM cases WHERE id = 'x'", empty)
        assert not read_whole(connection, "SELECT name_zh FROM hub", empty)
