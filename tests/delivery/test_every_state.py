"""For every delivery in every state a worker's screen says what is going on, since when, and who has to act."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from screens import Stood, World, open_world, text_of

from workbench.delivery.models import REASONS, STATES, DeliveryRow, PlatformRow
from workbench.delivery.words import tell
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.web.filters import moment

GATEWAY = "civil_affairs.case_gateway"
SINCE = datetime(2026, 3, 2, 1, 2, tzinfo=UTC)
#: Which reasons can stand beside a state.
BESIDE: dict[str, tuple[str, ...]] = {
    "waiting": ("", "try-later"),
    "sending": ("",),
    "sent": ("",),
    "accepted": ("",),
    "done": ("",),
    "refused": ("refused",),
    "needs-people": ("credentials", "settings", "broken-promise", "outcome-unknown", "rekey"),
    "parked": ("adapter-missing", "held"),
}
#: Why nothing goes to a platform; a delivery that waits for it says so.
CLOSED = ("platform-down", "credentials", "settings", "broken-promise")
FINISHED = ("done",)


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "delivery", "cases")
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def stood(world: World, act: Any) -> Stood:
    with act("worker1") as ctx:
        return world.stand(ctx)


def stand(act: Any, stood: Stood, state: str, reason: str, closed: str = "") -> None:
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, stood.delivery)
        row.state, row.reason, row.reference = state, reason, "MZ20260302000001"
        row.created_at = row.updated_at = row.sent_at = row.accepted_at = row.done_at = SINCE
        platform = ctx.session.get(PlatformRow, GATEWAY) or PlatformRow(platform_id=GATEWAY)
        platform.is_paused = closed == "held"
        is_closed = closed in CLOSED
        platform.closed_reason, platform.closed_until = closed, SINCE + timedelta(minutes=1) if is_closed else None
        ctx.session.add(platform)


def test_every_state_and_reason_is_walked() -> None:
    assert tuple(BESIDE) == STATES
    walked = {reason for reasons in BESIDE.values() for reason in reasons} | set(CLOSED)
    assert walked == set(REASONS)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_screen_of_a_case_says_what_is_going_on_since_when_and_who_acts(
    world: World, act: Any, stood: Stood, locale: str
) -> None:
    client = world.sign_in("worker1", locale)
    walk = [(state, reason, "") for state, reasons in BESIDE.items() for reason in reasons]
    for state, reason, closed in walk + [("waiting", "", closed) for closed in (*CLOSED, "held")]:
        stand(act, stood, state, reason, closed)
        told = tell(
            state, reason, platform_zh="民政业务协同网关", platform_en="Civil affairs case gateway",
            reference="MZ20260302000001", closed_reason=closed,
        )  # fmt: skip
        what, who = (told.text_zh, told.who_zh) if locale == "zh_CN" else (told.text_en, told.who_en)
        page = text_of(client.get(f"/h/wutong/cases/{stood.case}").text).replace("&#39;", "'")

        assert what in page, (state, reason, closed, "what")
        assert who in page, (state, reason, closed, "who")
        assert who or state in FINISHED, (state, reason, "nobody acts")
        assert moment(SINCE) in page, (state, reason, closed, "since")
