"""Parcels go with the account of their hub or worker where a platform wants that; without one they wait for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shop import OTHER
from sqlmodel import select
from told import PLATFORM

from workbench.api import NeedsCredentials, Parcel, Receipt
from workbench.api.nouns import Hub, Worker
from workbench.delivery.decide import resend_all
from workbench.delivery.models import DeliveryEventRow, PlatformRow
from workbench.hubs.models import HubRow
from workbench.identity.models import AuditRow
from workbench.identity.vault import keep_account
from workbench.identity.vault_models import CredentialRow
from workbench.staff.models import WorkerRow
from workbench.store.context import Context


def want_accounts(town: Any, whose: str) -> None:
    with town.store.write() as session:
        row = session.get_one(PlatformRow, PLATFORM)
        row.settings, row.settings_version = {"accounts": whose}, row.settings_version + 1


@contextmanager
def admin(town: Any, hub: str = "wutong") -> Iterator[Context]:
    """An admin of a hub, with the keys of the installation."""
    keys = town.settings.keys()
    with town.store.write() as session:
        row = session.get_one(HubRow, hub)
        view, actor = Hub(row.id, row.name_zh, row.name_en, row.division), Worker("A1", "hubadmin1", "hubadmin1")
        yield Context(session, actor, view, town.settings.clock(), keys, town.settings.file_store(keys))


def keep(town: Any, username: str, hub: str = "wutong", worker: str = "") -> None:
    with admin(town, hub) as ctx:
        keep_account(
            ctx, PLATFORM, username=username, secret="s3cret-of-" + username, expires_on=None, worker_id=worker
        )


def listen(shop: Any) -> list[Parcel]:
    """Note what the platform is handed."""
    handed: list[Parcel] = []
    adapter = shop.adapters[PLATFORM]
    push = adapter.push

    def note(parcel: Parcel) -> Receipt:
        handed.append(parcel)
        return push(parcel)

    adapter.push = note
    return handed


def test_a_parcel_goes_with_its_hubs_account_and_each_use_is_written_down(shop: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    want_accounts(town, "hub")
    keep(town, "wutong-01")
    keep(town, "yinxing-01", "yinxing")
    here = shop()
    handed = listen(here)
    here.turn(4)

    assert town.row(key).state == "accepted"
    assert [(one.sign_on.username, one.sign_on.secret) for one in handed if one.sign_on] == [
        ("wutong-01", "s3cret-of-wutong-01")
    ]
    assert "s3cret" not in repr(handed)
    with town.store.read() as session:
        uses = session.exec(select(AuditRow).where(AuditRow.action == "credential.use")).all()
        assert [(use.hub_id, use.subject, use.detail["for"]) for use in uses] == [
            ("wutong", f"platform:{PLATFORM}", f"delivery:{key}")
        ]
        assert session.exec(select(CredentialRow).where(CredentialRow.hub_id == "wutong")).one().used_at is not None


def test_without_an_account_it_waits_for_people_and_the_platform_stays_open(shop: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    want_accounts(town, "hub")
    here = shop()
    here.turn(4)

    assert (town.row(key).state, town.row(key).reason) == ("needs-people", "credentials")
    assert "push" not in here.adapters[PLATFORM].asked
    assert town.platform(PLATFORM).closed_until is None
    keep(town, "wutong-01")
    with admin(town) as ctx:
        resend_all(ctx, PLATFORM, "credentials")
    here.turn(4)
    assert town.row(key).state == "accepted"


def test_a_refused_account_is_not_tried_again_until_it_is_renewed(shop: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    want_accounts(town, "hub")
    keep(town, "wutong-01")
    here = shop()
    answer = here.adapters[PLATFORM].answer
    here.adapters[PLATFORM].answer = NeedsCredentials("wrong password")
    here.turn(4)
    with admin(town) as ctx:
        resend_all(ctx, PLATFORM, "credentials")
    here.turn(4)

    assert here.adapters[PLATFORM].asked.count("push") == 1
    assert (town.row(key).state, town.platform(PLATFORM).closed_until) == ("needs-people", None)
    here.adapters[PLATFORM].answer = answer
    keep(town, "wutong-02")
    with admin(town) as ctx:
        resend_all(ctx, PLATFORM, "credentials")
    here.turn(4)
    assert town.row(key).state == "accepted"


def test_the_account_of_a_worker_goes_with_that_workers_cases(shop: Any, town: Any) -> None:
    mine, others = town.accept(1, PLATFORM)[0], town.accept(1, PLATFORM)[0]
    want_accounts(town, "worker")
    with town.store.read() as session:
        worker = session.exec(select(WorkerRow.id).where(WorkerRow.username == "worker1")).one()
    keep(town, "own", worker=worker)
    here = shop()
    here.workshop.owner_of = lambda session, delivery_id: worker if delivery_id == mine else "somebody"
    handed = listen(here)
    here.turn(4)

    assert (town.row(mine).state, town.row(others).state) == ("accepted", "needs-people")
    assert [one.sign_on.username for one in handed if one.sign_on] == ["own"]


def test_the_secret_stands_in_no_row_that_can_be_read(shop: Any, town: Any) -> None:
    town.accept(1, PLATFORM)
    town.accept(1, OTHER)
    want_accounts(town, "hub")
    keep(town, "wutong-01")
    here = shop()
    here.adapters[PLATFORM].answer = NeedsCredentials("wrong password")
    here.turn(4)

    with town.store.read() as session:
        raw = session.connection().exec_driver_sql("SELECT secret, username FROM platform_credential").one()
        assert all(b"s3cret" not in bytes(part) and b"wutong" not in bytes(part) for part in raw)
        events = session.exec(select(DeliveryEventRow)).all()
        trail = session.exec(select(AuditRow)).all()
        assert "s3cret" not in repr([row.model_dump() for row in (*events, *trail)])
