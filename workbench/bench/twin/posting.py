"""Delivering by hand: `python -m workbench.bench.twin.posting PORT` claims, sends and writes down until it is stopped.

One thread claims and writes, eight per platform send over connections they keep; what came back is
written together with the next claim, in one transaction.
"""

import hashlib
import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from queue import Empty, SimpleQueue

from ...settings import load_settings
from .database import Database
from .duties import Duties, stamp

BATCH, IN_FLIGHT, LOOK = 256, 8, 0.1
PLATFORMS = "SELECT DISTINCT platform_id FROM delivery WHERE state = 'waiting'"
HEADS = (
    "SELECT d.id, d.case_id, d.case_no, d.operation, d.fence + 1, p.content, p.digest FROM delivery d "
    "JOIN payload p ON p.id = d.payload_id WHERE d.state = 'waiting' AND d.platform_id = ? AND d.due_at <= ? "
    "AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.lane = d.lane AND e.position < d.position "
    "AND e.state IN ('waiting', 'sending', 'needs-people', 'parked')) ORDER BY d.due_at, d.id LIMIT ?"
)
TAKE = "UPDATE delivery SET state = 'sending', fence = ?, attempts = attempts + 1, updated_at = ? WHERE id = ?"
MOVE = (
    "UPDATE delivery SET state = 'accepted', reference = ?, sent_at = ?, accepted_at = ?, updated_at = ? "
    "WHERE id = ? AND fence = ? AND state = 'sending'"
)
EVENT = "delivery_id, at, state, reason, text, actor_id, proof"
OUTCOME = (
    "platform_id, message_id, delivery_id, parcel_key, status, reference, at, received_at, text, step, field, "
    "raw_status, settled_by, applied_at"
)
LINE = "case_id, at, kind, actor_id, actor_name, detail"
REVIEW = (
    "UPDATE cases SET state = CASE state WHEN 'accepted' THEN 'reviewing' ELSE state END, updated_at = ?, "
    "version = version + 1, reference = CASE reference WHEN '' THEN ? ELSE reference END WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One parcel that may be sent now."""

    id: str
    case_id: str
    platform_id: str
    fence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What the department said."""

    claim: Claim
    reference: str
    proof: bytes


def claim(database: Database, duties: Duties, platform_id: str, most: int) -> list[Claim]:
    """Take parcels of a platform, within the caller's transaction."""
    now, claims = stamp(datetime.now(UTC)), []
    for row in database.all(HEADS, (platform_id, now, most)):
        content = json.loads(duties.unseal("payload.content", row[5]))
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        if hashlib.sha256(text.encode()).hexdigest() == row[6]:
            said = {"key": row[0], "case_no": row[2], "operation": row[3], "form": content["values"]}
            body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
            claims.append(Claim(row[0], row[1], platform_id, row[4], body))
    database.change_each(TAKE, [(one.fence, now, one.id) for one in claims])
    return claims


def write(database: Database, duties: Duties, results: Sequence[Sent], applied: str | None = None) -> None:
    """Write what came of sending, within the caller's transaction."""
    now = stamp(datetime.now(UTC))
    database.change_each(MOVE, [(r.reference, now, now, now, r.claim.id, r.claim.fence) for r in results])
    events = [
        (r.claim.id, now, "accepted", "", "", "system", duties.seal_bytes("delivery_event.proof", r.proof))
        for r in results
    ]
    database.insert("delivery_event", EVENT, events)
    database.insert("outcome", OUTCOME, [(*_message(r), now, now, "", "", "", "", "", applied) for r in results])


def _message(sent: Sent) -> tuple[str, ...]:
    one = sent.claim
    return one.platform_id, f"accepted:{one.id}:{one.fence}", one.id, one.id, "accepted", sent.reference


def tell(database: Database, results: Sequence[Sent]) -> None:
    """Tell the cases, within the same transaction."""
    now = stamp(datetime.now(UTC))
    lines = []
    for r in results:
        told = json.dumps({"platform": r.claim.platform_id, "reference": r.reference})
        lines.append((r.claim.case_id, now, "department_accepted", "system", "系统", told))
        lines.append((r.claim.case_id, now, "start_review", "system", "系统", '{"before": "accepted"}'))
    database.insert("case_event", LINE, lines)
    database.change_each(REVIEW, [(now, r.reference, r.claim.case_id) for r in results])


class Sender:
    """The threads of one platform."""

    def __init__(self, port: int, platform_id: str, back: "SimpleQueue[Sent | Claim]") -> None:
        self.waiting = 0
        self.todo: SimpleQueue[Claim] = SimpleQueue()
        for _ in range(IN_FLIGHT):
            threading.Thread(target=self._work, args=(port, platform_id, back), daemon=True).start()

    def _work(self, port: int, platform_id: str, back: "SimpleQueue[Sent | Claim]") -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        headers = {"Content-Type": "application/json"}
        while True:
            one = self.todo.get()
            connection.request("POST", f"/{platform_id}/parcels", one.body, headers)
            answer = connection.getresponse()
            proof = answer.read()
            back.put(Sent(one, json.loads(proof)["reference"], proof) if answer.status == 200 else one)


def post(database: Database, duties: Duties, port: int) -> None:
    """Deliver for ever."""
    senders: dict[str, Sender] = {}
    back: SimpleQueue[Sent | Claim] = SimpleQueue()
    while True:
        results = _gather(back)
        for one in results:
            senders[one.claim.platform_id].waiting -= 1
        with database.writing():
            if results:
                write(database, duties, results, stamp(datetime.now(UTC)))
                tell(database, results)
            due = {platform_id for (platform_id,) in database.all(PLATFORMS)}
            claims = []
            for platform_id in due:
                sender = senders.get(platform_id)
                if sender is None:
                    sender = senders[platform_id] = Sender(port, platform_id, back)
                if sender.waiting < BATCH // 2:
                    claims += claim(database, duties, platform_id, BATCH - sender.waiting)
        for taken in claims:
            senders[taken.platform_id].waiting += 1
            senders[taken.platform_id].todo.put(taken)


def _gather(back: "SimpleQueue[Sent | Claim]") -> list[Sent]:
    """Give what came back; the departments it is measured against refuse nothing."""
    found: list[Sent] = []
    try:
        one = back.get(timeout=LOOK)
        while True:
            if isinstance(one, Claim):
                raise RuntimeError("refused")
            found.append(one)
            one = back.get_nowait()
    except Empty:
        return found


def main(arguments: list[str]) -> int:
    """Work until standard input ends."""
    settings = load_settings()
    database = Database(settings.instance / "workbench.db")
    duties = Duties(database, settings.keys())
    threading.Thread(target=post, args=(database, duties, int(arguments[0])), daemon=True).start()
    sys.stdin.buffer.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
