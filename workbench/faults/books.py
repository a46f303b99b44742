"""Compares the books of both ends after the faults have stopped: what was shown, what we hold, what departments hold.

lost: shown as accepted, but not at the department and in no list with an owner. doubled: twice in the
department's own ledger. invented: at the department without an accepted case, or called delivered here
without the department's entry and proof.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlmodel import col, exists, select

from ..cases.models import CaseRow
from ..delivery.models import DeliveryEventRow, DeliveryRow, OutcomeRow
from ..delivery.words import REASON_WORDS
from ..identity.verify import verify
from .intake import Receipts, ledger_of, targets_of
from .town import Town

#: The department has it, says our side.
DELIVERED = ("accepted", "done")
#: Standing still, in a list that says who acts.
WITH_PEOPLE = ("needs-people", "parked", "refused")
ON_THE_WAY = ("waiting", "sending", "sent")


@dataclass
class Verdict:
    """What the comparison found; each list names case numbers or keys."""

    shown: int = 0
    delivered: int = 0
    with_people: int = 0
    unfinished: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.unfinished or self.lost or self.doubled or self.invented or self.disordered or self.trail)

    def __str__(self) -> str:
        counts = f"shown {self.shown}, delivered {self.delivered}, with people {self.with_people}"
        faults = {
            name: getattr(self, name) for name in ("unfinished", "lost", "doubled", "invented", "disordered", "trail")
        }
        told = ", ".join(f"{name} {len(found)}" for name, found in faults.items())
        first = "".join(f"\n  {name}: {found[:5]}" for name, found in faults.items() if found)
        return f"{counts}; {told}{first}"


@dataclass(frozen=True, slots=True)
class Ours:
    """One delivery as our side has it."""

    key: str
    case_no: str
    platform: str
    operation: str
    state: str
    reason: str
    reference: str
    lane: str
    position: int
    has_proof: bool


def compare(town: Town, receipts: Sequence[Receipts], *, only_these: bool = False) -> Verdict:
    """Compare what was shown, our database, and the ledgers of all departments; all cases, or only those shown."""
    theirs, ours = _theirs(town), _ours(town)  # theirs first: what comes in between is no invention
    verdict = Verdict(shown=sum(len(one.shown) for one in receipts))
    if only_these:
        shown = {number for one in receipts for number in one.shown.values()}
        ours = [delivery for delivery in ours if delivery.case_no in shown]
        theirs = {platform: [line for line in lines if line[1] in shown] for platform, lines in theirs.items()}
    by_case: defaultdict[str, list[Ours]] = defaultdict(list)
    for delivery in ours:
        by_case[delivery.case_no].append(delivery)
    _find_lost(verdict, receipts, by_case)
    judge_ours(verdict, ours, theirs)
    judge_theirs(verdict, ours, theirs)
    return verdict


def _ours(town: Town) -> list[Ours]:
    d = DeliveryRow
    receipt = exists().where(col(DeliveryEventRow.delivery_id) == d.id, col(DeliveryEventRow.proof).is_not(None))
    message = exists().where(col(OutcomeRow.delivery_id) == d.id, col(OutcomeRow.proof).is_not(None))
    has_proof = receipt | message
    query = select(  # type: ignore[call-overload]
        d.id, d.case_no, d.platform_id, d.operation, d.state, d.reason, d.reference, d.lane, d.position, has_proof
    )
    with town.store.read() as session:
        known = set(session.exec(select(CaseRow.case_no).where(CaseRow.state != "draft")))
        rows = [Ours(*row) for row in session.exec(query.order_by(col(d.id)))]
    return [row for row in rows if row.case_no in known]


def _theirs(town: Town) -> dict[str, list[tuple[str, str, str, str]]]:
    """Give the ledger of each department: key, case number, operation, reference, in the order of taking."""
    ledgers = {}
    for file in sorted(town.settings.departments.glob("*/ledger.jsonl")):
        platform_id = file.parent.name
        ledgers[platform_id] = [
            (line["key"], line["case_no"], line["operation"], line["reference"])
            for line in ledger_of(town, platform_id)
        ]
    return ledgers


def _find_lost(verdict: Verdict, receipts: Iterable[Receipts], by_case: dict[str, list[Ours]]) -> None:
    for one in receipts:
        for number in one.shown.values():
            there = {(delivery.platform, delivery.operation) for delivery in by_case.get(number, ())}
            for target in targets_of(one.items[number]):
                if target not in there:
                    verdict.lost.append(f"{number} to {target[0]}")
        taken = Counter(one.shown.values())
        verdict.doubled += [f"{number} shown for two orders" for number, count in taken.items() if count > 1]


def judge_ours(verdict: Verdict, ours: list[Ours], theirs: dict[str, list[tuple[str, str, str, str]]]) -> None:
    """Find what we call delivered and departments do not have, what is on its way, and what nobody cares for."""
    entered = {(platform, line[0], line[2]): line[3] for platform, lines in theirs.items() for line in lines}
    for delivery in ours:
        at = f"{delivery.case_no} at {delivery.platform}"
        reference = entered.get((delivery.platform, delivery.key, delivery.operation))
        if delivery.state in DELIVERED:
            verdict.delivered += 1
            if reference is None:
                verdict.invented.append(f"{at}: called {delivery.state}, not in their ledger")
            elif not delivery.has_proof:
                verdict.invented.append(f"{at}: called {delivery.state} without proof")
            elif delivery.state == "accepted" and not delivery.reference:  # an exchange table tells it with the answer
                verdict.unfinished.append(f"{at}: taken, its number {reference} not told yet")
            elif reference != delivery.reference:
                verdict.invented.append(f"{at}: {delivery.reference} here, {reference} there")
        elif delivery.state in ON_THE_WAY:
            verdict.unfinished.append(f"{at}: {delivery.state} {delivery.reason}".strip())
        elif delivery.state in WITH_PEOPLE and any(REASON_WORDS[delivery.reason]):
            verdict.with_people += 1
        else:
            verdict.lost.append(f"{at}: {delivery.state} {delivery.reason}, in nobody's hands")


def judge_theirs(verdict: Verdict, ours: list[Ours], theirs: dict[str, list[tuple[str, str, str, str]]]) -> None:
    """Find what departments have twice, in the wrong order, or from nobody."""
    known = {(delivery.platform, delivery.key): delivery for delivery in ours}
    for platform, lines in theirs.items():
        entries = Counter((case_no, operation) for _, case_no, operation, _ in lines)
        verdict.doubled += [
            f"{case_no} {operation} at {platform}" for (case_no, operation), n in entries.items() if n > 1
        ]
        last: dict[str, int] = {}
        for key, case_no, _, _ in lines:
            delivery = known.get((platform, key))
            if delivery is None:
                verdict.invented.append(f"{case_no} at {platform}: no accepted case has the key {key}")
            elif delivery.position < last.get(delivery.lane, 0):
                verdict.disordered.append(f"{case_no} at {platform}: {delivery.position} after {last[delivery.lane]}")
            else:
                last[delivery.lane] = delivery.position


def settle(
    town: Town,
    receipts: Sequence[Receipts],
    seconds: float,
    *,
    only_these: bool = True,
    prod: Callable[[], None] = lambda: None,
) -> Verdict:
    """Wait until nothing is on its way any more, or so many seconds; gives what the books then say.

    `prod` is done between two looks: what a person does who mends things.
    """
    until = time.monotonic() + seconds
    while (verdict := compare(town, receipts, only_these=only_these)).unfinished and time.monotonic() < until:
        prod()
        time.sleep(0.3)
    # Their books are read before ours: what arrived in between stood in ours alone. All is quiet now.
    verdict = compare(town, receipts, only_these=only_these)
    with town.store.read() as session:
        verdict.trail = [str(problem) for problem in verify(session, town.store.keys)]
    return verdict
