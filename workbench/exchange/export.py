"""Many residents in one file: the value that counts for each detail asked, each with its source and its time.

Whom it holds is written into the trail, resident by resident, before it is given out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from ..catalogue.codes import load_codes, parse_options
from ..catalogue.dictionary import Entry
from ..identity.audit import Act, record, record_all
from ..people.facts import peoples_facts
from ..people.models import PersonRow
from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem, Problems
from ..web.language import _, bilingual, current_locale
from ..web.plain_csv import write_csv
from .report import write_sheet
from .targets import NAME, targets

PART, MOST = 500, 20_000


def exportable() -> list[Entry]:
    """Give the details that may be handed out, the name first."""
    entries = [one.entry for one in targets().values() if one.entry is not None]
    return sorted(entries, key=lambda entry: entry.key != NAME)


@dataclass(frozen=True, slots=True)
class Export:
    """A file with many residents, and what the trail has to say of it."""

    content: bytes
    people: Sequence[str]
    purpose: str
    detail: Mapping[str, Any]


def export_people(ctx: Context, keys: Sequence[str], community: str, kind: str, reason: str) -> Export:
    """Make the file; `record_export` has to be written before it is given out. Raises Problems."""
    known = {entry.key: entry for entry in exportable()}
    entries = [known[key] for key in known if key in keys]
    problems = [] if entries else [Problem("no_columns", "请至少选择一项。", "Choose one detail at least.", "keys")]
    if len(reason.strip()) < 2:
        problems.append(Problem("reason_missing", "请写明导出的用途。", "Say what the export is for.", "reason"))
    if kind not in ("xlsx", "csv"):
        problems.append(Problem("kind", "请选择格式。", "Choose a format.", "kind"))
    if problems:
        raise Problems(problems)
    head = [
        f"{bilingual(e.label_zh, e.label_en)}{word}"
        for e in entries
        for word in ("", _(" (source)"), _(" (as of)"), _(" (recorded)"))
    ]
    found = dict(_rows(ctx, entries, community))
    rows = list(found.values())
    content = write_sheet(_("Residents"), head, rows) if kind == "xlsx" else write_csv(head, rows)
    detail = {"residents": len(rows), "keys": [entry.key for entry in entries], "community": community, "kind": kind}
    return Export(content, list(found), reason.strip()[:200], detail)


def record_export(ctx: Context, export: Export) -> None:
    """Write down that the file was made, and each resident it holds: people ask who looked at one."""
    hub = f"hub:{ctx.hub.id}"
    record(ctx, "people.export", subject=hub, purpose=export.purpose, detail=export.detail)
    kind = {"kind": export.detail["kind"]}
    record_all(ctx, [Act("person.hand_out", one, hub, export.purpose, kind) for one in export.people])


def _rows(ctx: Context, entries: Sequence[Entry], community: str) -> Iterator[tuple[str, list[str]]]:
    """Read residents some at a time, each part with two queries."""
    after, keys, given = "", [entry.key for entry in entries], 0
    while given < MOST:
        query = select(PersonRow.id).where(PersonRow.hub_id == ctx.hub.id, col(PersonRow.id) > after)
        query = query.where(PersonRow.status != "merged").order_by(col(PersonRow.id)).limit(PART)
        people = list(ctx.session.exec(query.where(PersonRow.community_id == community) if community else query))
        if not people:
            return
        facts = peoples_facts(ctx, people, keys)
        for person_id in people:
            yield person_id, [text for entry in entries for text in _cells(entry, facts[person_id].get(entry.key))]
        given, after = given + len(people), people[-1]


def _cells(entry: Entry, fact: Any) -> list[str]:
    if fact is None or fact.value in (None, "", []):
        return ["", "", "", ""]
    as_of = fact.as_of.isoformat() if fact.as_of else ""
    return [_text(entry, fact.value), fact.source, as_of, f"{local(fact.recorded_at):%Y-%m-%d %H:%M}"]


def _text(entry: Entry, value: Any) -> str:
    """Write a value whole, codes in words, money in yuan."""
    if isinstance(value, bool):
        return bilingual("是", "Yes") if value else bilingual("否", "No")
    if entry.type == "money" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    choices = load_codes(entry.codes) if entry.codes else parse_options(entry.options)
    code = choices.get(str(value))
    return code.label(current_locale()) if code else str(value)
