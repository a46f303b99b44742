"""Configuration of hubs out into files and back in: what differs is changed and said, a second time changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, or_, select

from ..host.discover import Installed
from ..hubs.hub_settings import write_setting
from ..hubs.models import AdmissionRow, CommunityRow, GridRow, HubRow, HubSettingRow, OpenLineRow
from ..hubs.open_lines import close_line, move_line
from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.locking import ALONE
from ..store.problems import Problem
from .hub_file import AdmissionEntry, BadFile, CommunityEntry, GridEntry, HubFile, LineEntry, SettingEntry
from .rehearse import last_rehearsal, open_rehearsed, waive_rehearsal

PLAIN = ("name_zh", "name_en", "shape", "division", "opens", "closes", "phone")
#: Gives the context at a hub.
At = Callable[[str], Context]


def export_hubs(ctx: Context, hub_ids: Iterable[str] = ()) -> list[HubFile]:
    """Give the configuration of hubs, or of all. Six statements, however many hubs; secrets stay here."""
    session, wanted, today = ctx.session, sorted(hub_ids), ctx.clock.today()

    def rows(model: Any, *order: Any, where: Sequence[Any] = ()) -> dict[str, list[Any]]:
        query = select(model).where(*where).order_by(*order)
        found: defaultdict[str, list[Any]] = defaultdict(list)
        for row in session.exec(query.where(col(model.hub_id).in_(wanted)) if wanted else query):
            found[row.hub_id].append(row)
        return found

    a = AdmissionRow
    current = (col(a.ended_at).is_(None), or_(col(a.valid_to).is_(None), col(a.valid_to) >= today))
    communities, grids = rows(CommunityRow, col(CommunityRow.id)), defaultdict(list)
    for grid in session.exec(select(GridRow).order_by(col(GridRow.id))):
        grids[grid.community_id].append(GridEntry(id=grid.id, name=grid.name))
    lines = rows(OpenLineRow, col(OpenLineRow.position), col(OpenLineRow.line_id))
    admissions = rows(a, col(a.line_id), col(a.valid_from), col(a.id), where=current)
    s = HubSettingRow
    settings = rows(s, col(s.owner), col(s.key), where=(col(s.value) != "",))
    hubs = select(HubRow).order_by(col(HubRow.id))
    return [
        HubFile(
            id=hub.id,
            parent=hub.parent_id or "",
            communities=tuple(
                CommunityEntry(id=one.id, name_zh=one.name_zh, name_en=one.name_en, grids=tuple(grids[one.id]))
                for one in communities.get(hub.id, ())
            ),
            lines=_lines(lines.get(hub.id, ()), admissions.get(hub.id, ())),
            settings=tuple(
                SettingEntry(owner=one.owner, key=one.key, value=one.value) for one in settings.get(hub.id, ())
            ),
            **{name: getattr(hub, name) for name in PLAIN},
        )
        for hub in session.exec(hubs.where(col(HubRow.id).in_(wanted)) if wanted else hubs)
    ]


def _lines(rows: Iterable[OpenLineRow], admissions: Iterable[AdmissionRow]) -> tuple[LineEntry, ...]:
    by_line: defaultdict[str, list[AdmissionEntry]] = defaultdict(list)
    for one in admissions:
        by_line[one.line_id].append(
            AdmissionEntry(**{name: getattr(one, name) for name in AdmissionEntry.model_fields})
        )
    return tuple(
        LineEntry(id=row.line_id, is_open=row.closed_at is None, admissions=tuple(by_line[row.line_id])) for row in rows
    )


@dataclass
class Import:
    """One import: what was changed, and what was left as it is, in words."""

    at: At
    session: Session
    installed: Installed
    waived: str = ""  # why lines are opened without a rehearsal; "" = they are left closed
    changes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def run(self, files: Sequence[HubFile]) -> None:
        """Bring hubs to what their files say, hubs above first; raises BadFile for a ring of parents."""
        for one in in_order(files, self._known()):
            before = len(self.changes)
            self._hub(one)
            ctx = self.at(one.id)
            self._places(one)
            self._settings(ctx, one)
            for position, line in enumerate(one.lines, start=1):
                self._line(ctx, line, position)
            if len(self.changes) > before:
                record(ctx, "hub.import", subject=f"hub:{one.id}", detail={"changes": len(self.changes) - before})

    def _known(self) -> dict[str, str]:
        return {hub_id: parent or "" for hub_id, parent in self.session.exec(select(HubRow.id, HubRow.parent_id))}

    def _say(self, hub_id: str, what: str) -> None:
        self.changes.append(f"{hub_id}: {what}")

    def _hub(self, one: HubFile) -> None:
        row = self.session.get(HubRow, one.id, with_for_update=ALONE)
        wanted = {name: getattr(one, name) for name in PLAIN} | {"parent_id": one.parent or None}
        if row is None:
            self.session.add(HubRow(id=one.id, **wanted))
            self.session.flush()
            self._say(one.id, "new hub")
            return
        for name, value in wanted.items():
            if getattr(row, name) != value:
                self._say(one.id, f"{name} {getattr(row, name)!r} -> {value!r}")
                setattr(row, name, value)
        self.session.flush()

    def _places(self, one: HubFile) -> None:
        for community in one.communities:
            values = {"hub_id": one.id, "name_zh": community.name_zh, "name_en": community.name_en}
            self._put(one.id, CommunityRow, community.id, values, f"community {community.id}")
            for grid in community.grids:
                values = {"community_id": community.id, "name": grid.name}
                self._put(one.id, GridRow, grid.id, values, f"grid {grid.id}")

    def _put(self, hub_id: str, model: Any, key: str, values: Mapping[str, Any], what: str) -> None:
        row = self.session.get(model, key)
        if row is None:
            self.session.add(model(id=key, **values))
            self.session.flush()
            self._say(hub_id, f"new {what}")
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            self._say(hub_id, f"{what} changed")

    def _settings(self, ctx: Context, one: HubFile) -> None:
        wanted = {(entry.owner, entry.key): entry.value for entry in one.settings}
        query = select(HubSettingRow.owner, HubSettingRow.key).where(HubSettingRow.hub_id == one.id)
        held = set(self.session.exec(query.where(HubSettingRow.value != "")).all())
        for owner, key in sorted({*wanted, *held}):
            if write_setting(ctx, owner, key, wanted.get((owner, key), "")):
                self._say(one.id, f"setting {key} of {owner}")

    def _line(self, ctx: Context, entry: LineEntry, position: int) -> None:
        for admission in entry.admissions:
            self._admit(ctx, entry.id, admission)
        row = self.session.get(OpenLineRow, (ctx.hub.id, entry.id))
        is_open = row is not None and row.closed_at is None
        if entry.is_open and not is_open:
            self._open(ctx, entry.id)
        elif is_open and not entry.is_open and close_line(ctx, entry.id):
            record(ctx, "line.close", subject=f"line:{entry.id}")
            self._say(ctx.hub.id, f"closed {entry.id}")
        row = self.session.get(OpenLineRow, (ctx.hub.id, entry.id))
        if row is not None and row.position != position:
            move_line(ctx, entry.id, position)
            self._say(ctx.hub.id, f"{entry.id} at place {position}")

    def _admit(self, ctx: Context, line_id: str, given: AdmissionEntry) -> None:
        a = AdmissionRow
        query = select(a.id).where(a.hub_id == ctx.hub.id, a.line_id == line_id, a.directory == given.directory)
        query = query.where(a.valid_from == given.valid_from, col(a.valid_to).is_not_distinct_from(given.valid_to))
        if self.session.exec(query.limit(1)).first() is not None:
            return
        values = given.model_dump() | {"made_by": ctx.actor.id, "made_at": ctx.clock.now(), "origin": "imported"}
        row = a(id=new_id(), hub_id=ctx.hub.id, line_id=line_id, **values)
        self.session.add(row)
        self.session.flush()
        record(ctx, "line.admit", subject=f"line:{line_id}", detail={"admission": row.id, "origin": "imported"})
        self._say(ctx.hub.id, f"admission of {line_id} under {given.directory}")

    def _open(self, ctx: Context, line_id: str) -> None:
        line = self.installed.line(line_id)
        if line is None or line.state != "ready":
            self.left.append(f"{ctx.hub.id}: {line_id} is not opened: {line.reason if line else 'not installed'}")
            return
        try:
            with self.session.begin_nested():
                last = last_rehearsal(self.session, ctx.hub.id, line)
                if self.waived and not (last and last.is_good):
                    waive_rehearsal(ctx, line, self.waived)
                open_rehearsed(ctx, self.installed, line_id)
        except Problem as problem:
            self.left.append(f"{ctx.hub.id}: {line_id} is not opened: {problem.en}")
            return
        self._say(ctx.hub.id, f"opened {line_id}")


def in_order(files: Sequence[HubFile], known: Mapping[str, str]) -> list[HubFile]:
    """Put hubs in an order in which each comes after the one above it; raises BadFile where that cannot be."""
    parents = dict(known) | {one.id: one.parent for one in files}
    depth: dict[str, int] = {}
    for one in files:
        steps, at = 0, one.id
        while parent := parents.get(at, ""):
            if parent not in parents:
                raise BadFile(f"{one.id}: there is no hub {parent!r} above it")
            steps, at = steps + 1, parent
            if steps > len(parents):
                raise BadFile(f"{one.id}: the hubs above it go round in a ring")
        depth[one.id] = steps
    return sorted(files, key=lambda one: (depth[one.id], one.id))
