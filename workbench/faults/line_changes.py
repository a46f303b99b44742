"""One line is closed, opened, runs out, is renewed, upgraded, downgraded, removed, comes back, while all else goes on.

Outside that line no request may fail; inside it no delivery may be lost, and no row may be left without an owner.
A further change of a line is one more entry of `CHANGES`; they are walked in their order, round after round.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from random import Random

import sqlalchemy as sa
from sqlmodel import func, select

from ..cases.models import CaseRow
from ..host.discover import Line
from ..hubs.models import AdmissionRow, OpenLineRow
from ..hubs.open_lines import close_line, find_hub, is_open
from ..hubs.versions import pin
from ..identity.sessions import COOKIE, start
from ..opening.admission import Admitting, admit
from ..opening.rehearse import open_rehearsed, waive_rehearsal
from ..opening.remove import count_under_way
from ..staff.models import WorkerRow
from .books import Verdict, settle
from .intake import Intake, installation, targets_of
from .newer_line import NEWER, write_newer
from .orphans import find_orphans, find_rests
from .town import HUB, NotInTime, Town, wait_for

LINE, INSIDE, OUTSIDE = "social_security", ("RS-003",), ("MZ-004", "MZ-005", "MZ-006")
PAGES = ("", "items", "items/MZ-004", "platforms", "deliveries")
BEFORE_EACH, EVERY, PATIENCE = 8, 0.3, 240.0


@dataclass
class LineChanges:
    """One run: what was done, what failed outside the line."""

    town: Town
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    pages: Counter[int] = field(default_factory=Counter)  # answers outside the line, by status
    orphans: list[str] = field(default_factory=list)
    inside: Intake = field(init=False)
    outside: Intake = field(init=False)

    def __post_init__(self) -> None:
        chance = self.random.getrandbits
        self.inside = Intake(self.town, INSIDE, Random(chance(64)))  # noqa: S311 - repeats by its seed
        self.outside = Intake(self.town, OUTSIDE, Random(chance(64)))  # noqa: S311 - repeats by its seed

    @property
    def line(self) -> Line:
        found = installation().line(LINE)
        if found is None:
            raise LookupError(LINE)
        return found

    @property
    def platforms(self) -> list[str]:
        """Name the platforms the items go to."""
        return sorted({one for code in (*INSIDE, *OUTSIDE) for one, _ in targets_of(code)})

    @property
    def failed(self) -> list[str]:
        """Name what failed outside the line."""
        pages = [f"{count} pages answered {status}" for status, count in self.pages.items() if status != 200]
        return pages + [f"{count} orders got {status}" for status, count in self.outside.receipts.failed.items()]

    def run(self, rounds: int = 1, seconds: float = 0.0) -> Verdict:
        """Walk through all changes so many times, or for so long, and compare the books of both ends."""
        until = time.monotonic() + seconds
        with self._going_on():
            while rounds > 0 or time.monotonic() < until:
                rounds -= 1
                for name, change in CHANGES.items():
                    if self.is_open():
                        self.inside.accept(BEFORE_EACH)  # parcels are under way when it happens
                    change(self)
                    self.done[name] += 1
        verdict = settle(self.town, [self.inside.receipts, self.outside.receipts], PATIENCE)
        self.orphans += find_orphans(self.town.store, installation())
        return verdict

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """Let orders come in and pages be looked at outside the line meanwhile."""
        stop = threading.Event()
        going = [
            threading.Thread(target=self.outside.keep_going, args=(stop,), kwargs={"every": EVERY}),
            threading.Thread(target=self._look, args=(stop,)),
        ]
        for one in going:
            one.start()
        try:
            yield
        finally:
            stop.set()
            for one in going:
                one.join()

    def _look(self, stop: threading.Event) -> None:
        with self.town.store.write() as session:
            worker = session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one()
            token = start(session, worker.id, self.town.now())
        while not stop.is_set():
            for path in PAGES:
                self.pages[self._status(path, token)] += 1
            stop.wait(EVERY)

    def _status(self, path: str, token: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.town.settings.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"/h/{HUB}/{path}", headers={"Cookie": f"{COOKIE}={token}"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def is_open(self) -> bool:
        """Tell whether the line is open at the hub."""
        with self.town.store.read() as session:
            hub = find_hub(session, HUB)
            return hub is not None and is_open(session, hub, installation(), LINE)

    def close(self) -> None:
        """Close it as an admin does; nobody can hand in there any more."""
        with self.town.acting() as ctx:
            close_line(ctx, LINE)
        self.refuses()

    def open(self) -> None:
        """Open it again; it is on offer at once."""
        with self.town.acting() as ctx:
            waive_rehearsal(ctx, self.line, "faults")
            open_rehearsed(ctx, installation(), LINE)
        self.inside.hand_in(1, threads=1)

    def expire(self) -> None:
        """Let its admissions end; the worker process closes it."""
        with self.town.acting() as ctx:
            for row in ctx.session.exec(select(AdmissionRow).where(AdmissionRow.line_id == LINE)):
                row.valid_from = ctx.clock.today() - timedelta(days=30)
                row.valid_to = ctx.clock.today() - timedelta(days=3)
                ctx.session.add(row)
        wait_for(lambda: not self.is_open(), PATIENCE, "the worker process closes what is no longer admitted")
        self.refuses()

    def renew(self) -> None:
        """Admit it anew; that alone opens it again."""
        with self.town.acting() as ctx:
            today = ctx.clock.today()
            given = Admitting("演练", "演练", today - timedelta(days=2), today + timedelta(days=300))
            admit(ctx, installation(), LINE, given)
        self.inside.hand_in(1, threads=1)

    def upgrade(self) -> None:
        """Hand over another version with a table and an item of two versions; it is tried, switched to and accepted."""
        with self.town.acting() as ctx:
            pin(ctx, self.line)
        handed = write_newer(self.line, self.town.settings.instance / "handed")
        self.town.command("lines", "upgrade", LINE, "--from", str(handed))
        if not self._tables():
            raise NotInTime("the new version has no table")
        self.town.start_anew()
        wait_for(self._accepts_newer, PATIENCE, "a web process accepts by the new version")

    def _accepts_newer(self) -> bool:
        """Accept one more, and tell whether that was by the newer version."""
        self.inside.hand_in(1, threads=1)
        newer = select(func.count()).select_from(CaseRow).where(CaseRow.item_version == NEWER)
        with self.town.store.read() as session:
            return session.exec(newer).one() > 0

    def _tables(self) -> list[str]:
        """Name the tables of the line, and of its migrations."""
        names = sa.inspect(self.town.store.engine).get_table_names()
        return [name for name in names if name.startswith((f"line_{LINE}_", f"alembic_version_{LINE}"))]

    def downgrade(self) -> None:
        """Go back to the version before; its table goes, what was accepted by the newer one goes on."""
        self.town.command("lines", "downgrade", LINE, self.line.version, "--yes")
        self.orphans += self._tables()
        self.town.start_anew()
        self.inside.hand_in(1, threads=1)

    def remove(self) -> None:
        """Close it, let its parcels arrive, and take it away from every hub; nothing of it is left."""
        with self.town.acting() as ctx:
            for hub_id in ctx.session.exec(select(OpenLineRow.hub_id).where(OpenLineRow.line_id == LINE)).all():
                hub = find_hub(ctx.session, hub_id)
                if hub is not None:
                    close_line(ctx.at(hub), LINE)
        wait_for(self._has_arrived, PATIENCE, "the parcels of the closed line arrive")
        self.town.command("lines", "remove", LINE, "--yes")
        self.refuses()
        self.orphans += find_rests(self.town.store, self.town.settings, LINE)

    def _has_arrived(self) -> bool:
        with self.town.store.read() as session:
            return count_under_way(session, installation(), LINE) == 0

    def come_back(self) -> None:
        """Admit and open it as a new one."""
        self.renew_only()
        self.open()

    def renew_only(self) -> None:
        """Record an admission of a line that stands nowhere."""
        with self.town.acting() as ctx:
            today = ctx.clock.today()
            given = Admitting("演练", "演练", today - timedelta(days=2), today + timedelta(days=300))
            admit(ctx, installation(), LINE, given)

    def refuses(self) -> None:
        """See that an order for an item of the closed line is refused, at once and in every process."""
        status = self.inside.try_one()
        if not 400 <= status < 500:
            raise NotInTime(f"an order for a closed line was answered with {status}")


#: What happens to the line, in order; each leaves it as the next one wants it.
CHANGES: dict[str, Callable[[LineChanges], None]] = {
    "closed": LineChanges.close,
    "opened": LineChanges.open,
    "expired": LineChanges.expire,
    "renewed": LineChanges.renew,
    "upgraded": LineChanges.upgrade,
    "downgraded": LineChanges.downgrade,
    "removed": LineChanges.remove,
    "opened anew": LineChanges.come_back,
}
