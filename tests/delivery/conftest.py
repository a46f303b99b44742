"""Parcels on their way to a platform that exists only here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session, select
from told import PLATFORM, ToldAdapter, make_manifest

from workbench.api.manifest import PlatformManifest
from workbench.delivery.enqueue import AcceptedCase, Outgoing, enqueue, store_payload
from workbench.delivery.health import ensure_platforms
from workbench.delivery.lease import Claimed, claim
from workbench.delivery.models import DeliveryRow
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id

VALUES = {"name": "测试甲", "id_no": "990101199001010011", "amount": 12}


def make_case(ctx: Context, case_id: str = "", person_id: str = "P1") -> AcceptedCase:
    return AcceptedCase(
        case_id=case_id or new_id(),
        case_no="990100001001-0001",
        person_id=person_id,
        hub_id=ctx.hub.id,
        division=ctx.hub.division,
        item_code="MZ-001",
        item_version="1",
        item_title="测试事项",
        worker_name=ctx.actor.name,
    )


@dataclass
class Post:
    """Puts parcels on their way and looks at them."""

    act: Callable[..., AbstractContextManager[Context]]
    store: Store

    def send(self, count: int = 1, **how: Any) -> list[str]:
        case_id, person_id = how.pop("case_id", ""), how.pop("person_id", "P1")
        with self.act() as ctx:
            payload = store_payload(ctx, how.pop("content", {"values": VALUES}))
            terms = {"payload_id": payload, "platform_id": PLATFORM} | how
            parcels = [Outgoing(make_case(ctx, case_id, person_id), **terms) for _ in range(count)]
            ensure_platforms(ctx.session, [terms["platform_id"]])
            return enqueue(ctx, parcels)

    def claim(self, worker_id: str = "worker-a", limit: int = 100) -> list[Claimed]:
        with self.act() as ctx:
            return claim(
                ctx.session,
                ctx.files,
                worker_id=worker_id,
                platform_id=PLATFORM,
                limit=limit,
                now=ctx.clock.now(),
            )

    def row(self, delivery_id: str) -> DeliveryRow:
        with self.store.read() as session:
            found = session.exec(select(DeliveryRow).where(DeliveryRow.id == delivery_id)).one()
            session.expunge(found)
            return found

    def change(self, delivery_id: str, **values: Any) -> None:
        with self.store.write() as session:
            row = session.get_one(DeliveryRow, delivery_id)
            for key, value in values.items():
                setattr(row, key, value)

    def all(self, session: Session, table: Any) -> list[Any]:
        return list(session.exec(select(table).order_by(table.id)))


@pytest.fixture
def post(act: Callable[..., AbstractContextManager[Context]], store: Store) -> Iterator[Post]:
    yield Post(act, store)


@pytest.fixture
def manifest() -> Callable[..., PlatformManifest]:
    return make_manifest


@pytest.fixture
def told() -> type[ToldAdapter]:
    return ToldAdapter
