"""Hands cases in over HTTP, as a machine that never gives up: what it was given a number for counts as accepted.

It is the near end's ledger: the product is held to every number it has shown.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any

from sqlmodel import col, select

from ..cases.models import CaseMaterialRow, DraftRow
from ..cases.steps import accepting_position
from ..catalogue.answers import answer_all
from ..catalogue.form import form_of
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..delivery.models import DeliveryRow
from ..host.discover import Installed, discover
from ..people.models import PersonRow
from ..reception.accept import accept
from ..reception.draft import begin
from ..store.context import Context
from .town import HUB, Town

#: Seconds until an order is given up, and until an answer is: more than a process takes to start on a slow machine.
PATIENCE, ANSWERS_WITHIN, BATCH = 300.0, 60.0, 25
REASON = "与本人核对后更正"


@dataclass
class Receipts:
    """What was shown as accepted: order -> number; and what was never answered."""

    shown: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)  # number -> item
    open: set[str] = field(default_factory=set)
    slowest: float = 0.0
    failed: Counter[int] = field(default_factory=Counter)  # answers that were none, by status; 0 = no answer


@dataclass
class Intake:
    """Hands in cases of some items for invented residents."""

    town: Town
    codes: Sequence[str]
    random: Random
    receipts: Receipts = field(default_factory=Receipts)

    def __post_init__(self) -> None:
        with self.town.store.read() as session:
            adults = select(PersonRow.id).where(PersonRow.hub_id == HUB, col(PersonRow.id_no).is_not(None))
            self.people = list(session.exec(adults.where(PersonRow.status == "active").order_by(PersonRow.id)))
        self._guard = threading.Lock()
        self._number = 0
        self._orders = {code: order_of(code) for code in self.codes}

    def hand_in(self, count: int, *, threads: int = 4, every: float = 0.0) -> None:
        """Hand in so many cases and wait for the number of each, however often that must be asked."""
        orders = [self._next() for _ in range(count)]
        shares = [orders[start::threads] for start in range(threads)]
        clients = [threading.Thread(target=self._work, args=(share, every * threads)) for share in shares if share]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

    def accept(self, count: int) -> None:
        """Accept so many cases by the verbs of the round table, many to a commit; shown once that is done."""
        for taken in self._batches(count):
            with self.town.acting() as ctx:
                numbers = accept_orders(ctx, taken)
            for order, number in zip(taken, numbers, strict=True):
                self._show(order, number)

    def _batches(self, count: int) -> Iterator[list[dict[str, Any]]]:
        """Draw orders, many at a time; a person has one open form of an item at a table."""
        batch: dict[tuple[str, str], dict[str, Any]] = {}
        for order in (self._next() for _ in range(count)):
            place = (order["person_id"], order["item_code"])
            if place in batch or len(batch) == BATCH:
                yield list(batch.values())
                batch = {}
            batch[place] = order
        if batch:
            yield list(batch.values())

    def _show(self, order: dict[str, Any], number: str) -> None:
        self.receipts.shown[order["idempotency_key"]] = number
        self.receipts.items[number] = order["item_code"]
        self.receipts.open.discard(order["idempotency_key"])

    def under_way(self) -> int:
        """Count what is being sent of these cases."""
        return self._count("sending")

    def delivered(self) -> int:
        """Count what departments have of these cases."""
        return self._count("accepted", "done")

    def _count(self, *states: str) -> int:
        query = select(DeliveryRow.case_no).where(col(DeliveryRow.state).in_(states))
        with self.town.store.read() as session:
            found = list(session.exec(query))
        shown = set(self.receipts.shown.values())
        return sum(number in shown for number in found)

    def entered(self, platform_id: str) -> list[str]:
        """List the entries of these cases in a department's ledger, in its order, each as often as it is there."""
        shown = set(self.receipts.shown.values())
        lines = ledger_of(self.town, platform_id)
        return [line["case_no"] for line in lines if line["case_no"] in shown]

    def keep_going(self, stop: threading.Event, *, every: float) -> None:
        """Hand in one case after the other until stopped."""
        while not stop.is_set():
            began = time.monotonic()
            self._hand_in(self._next(), None, stop).close()
            stop.wait(max(0.0, every - (time.monotonic() - began)))

    def _next(self) -> dict[str, Any]:
        with self._guard:
            self._number += 1
            code = self.random.choice(list(self.codes))
            key = f"order-{self.random.getrandbits(64):016x}-{self._number:06d}"
            return self._orders[code] | {"idempotency_key": key, "person_id": self.random.choice(self.people)}

    def _work(self, orders: list[dict[str, Any]], every: float) -> None:
        connection = self._connect()
        for order in orders:
            began = time.monotonic()
            connection = self._hand_in(order, connection, None)
            time.sleep(max(0.0, every - (time.monotonic() - began)))
        connection.close()

    def try_one(self) -> int:
        """Hand one order in once and give the status of the answer; it does not count as accepted."""
        connection = self._connect()
        try:
            return self._ask(connection, self._next())[0]
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.town.settings.port, timeout=ANSWERS_WITHIN)

    def _hand_in(
        self, order: dict[str, Any], connection: HTTPConnection | None, stop: threading.Event | None
    ) -> HTTPConnection:
        """Ask until the order has a number; the same key every time, so that it is taken once."""
        connection, key, began = connection or self._connect(), order["idempotency_key"], time.monotonic()
        self.receipts.open.add(key)
        until = began + PATIENCE
        while time.monotonic() < until and not (stop and stop.is_set()):
            status, answer = self._ask(connection, order)
            if status in (200, 201) and answer.get("case_no"):
                self._show(order, answer["case_no"])
                self.receipts.slowest = max(self.receipts.slowest, time.monotonic() - began)
                break
            if 400 <= status < 500:
                raise AssertionError(f"{order['item_code']} was refused with {status}: {answer}")
            self.receipts.failed[status] += 1
            connection.close()
            time.sleep(0.1)
        return connection

    def _ask(self, connection: HTTPConnection, order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.town.token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/v1/cases", json.dumps(order), headers)
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if answer.status < 500 else {}
        except (OSError, HTTPException, ValueError):
            connection.close()
            return 0, {}


def ledger_of(town: Town, platform_id: str) -> list[dict[str, str]]:
    """Read a department's own ledger, in the order of its entries."""
    file = town.settings.departments / platform_id / "ledger.jsonl"
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [json.loads(line) for line in lines if line.endswith(b"\n")]  # it may be writing the last one just now


@cache
def installation() -> Installed:
    """Read what is installed, once."""
    return discover()


def accept_orders(ctx: Context, orders: Sequence[dict[str, Any]]) -> list[str]:
    """Accept orders as a worker would, all in one commit; gives their numbers."""
    known = catalogue(installation())
    forms = [_fill(ctx, known.by_code[order["item_code"]][0], order) for order in orders]
    accepted = accept(ctx, known, installation(), {draft.case_id: draft.accept_key for draft in forms})
    return [case.case_no for case in accepted]


def _fill(ctx: Context, item: Item, order: dict[str, Any]) -> DraftRow:
    case = begin(ctx, item, ctx.session.get_one(PersonRow, order["person_id"]))
    draft = ctx.session.get_one(DraftRow, case.id)
    draft.values = {**draft.values, **order["values"]}
    draft.origins = {key: origin | {"reason": REASON} for key, origin in draft.origins.items()}
    noted = set(ctx.session.exec(select(CaseMaterialRow.key).where(CaseMaterialRow.case_id == case.id)))
    for key in order["materials"].keys() - noted:
        ctx.session.add(CaseMaterialRow(case_id=case.id, key=key, state="sighted"))
    ctx.session.flush()
    return draft


def order_of(code: str) -> dict[str, Any]:
    """Write a complete order for an item."""
    manifest = catalogue(installation()).by_code[code][0].manifest
    form = form_of(manifest)
    return {
        "item_code": code,
        "values": answer_all(form, {}),
        "materials": {material.key: "sighted" for material in manifest.materials},
        "reasons": dict.fromkeys(form.fields, REASON),
        "accept": True,
    }


@cache
def targets_of(code: str) -> list[tuple[str, str]]:
    """Name the platforms and operations an item is sent to at accept."""
    manifest = catalogue(installation()).by_code[code][0].manifest
    deliveries = manifest.steps[accepting_position(manifest)].deliveries
    return [(delivery.platform, delivery.operation) for delivery in deliveries]
