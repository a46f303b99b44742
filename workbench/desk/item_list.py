"""The items a worker may choose from: found by what is typed, or those of one line, with hints. Mostly in memory."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlmodel import col

from ..api.manifest import LineManifest
from ..cases.models import CaseRow
from ..catalogue.items import Item
from ..catalogue.life_events import LifeEvent, load_life_events
from ..catalogue.pick import Hit, initials
from ..host.discover import Line
from ..store.context import Context
from ..web.language import bilingual
from .entitled import Entitlement, judge_items
from .platforms import Health, item_health

MOST = 30
POPULAR, POPULAR_DAYS, POPULAR_KEPT = 8, 90, 600.0
PLACE = "workbench.popular_items"


@dataclass(frozen=True, slots=True)
class Choice:
    """One item as the picker shows it."""

    code: str
    title: str
    department: str
    line_id: str
    verdict: bool | None
    has_rules: bool
    missing: str
    health: str
    is_superseded: bool
    is_name_only: bool
    note: str


def all_choices(
    items: Sequence[Item], lines: Iterable[Line], facts: Mapping[str, Any], health: Health
) -> dict[str, Choice]:
    """Give these items with what the rules say of this resident."""
    said = judge_items(items, facts)
    names = {line.id: line.manifest for line in lines}
    return {item.code: _choice(item, names[item.line_id], said.get(item.code), health) for item in items}


def found_choices(hits: Iterable[Hit], choices: Mapping[str, Choice]) -> list[dict[str, Any]]:
    """Give the items that fit what was typed, best first, each with the name it was found by."""
    return [{"choice": choices[hit.item.code], "matched": hit.matched} for hit in hits]


def popular_codes(ctx: Context) -> list[str]:
    """Give the items begun most often at this hub lately; counted anew every ten minutes."""
    kept = current_app.extensions.setdefault(PLACE, {})
    at, codes = kept.get(ctx.hub.id, (None, []))
    if at is None or time.monotonic() - at > POPULAR_KEPT:
        since, number = ctx.clock.now() - timedelta(days=POPULAR_DAYS), func.count()
        query = select(col(CaseRow.item_code), number).group_by(col(CaseRow.item_code))
        query = query.where(col(CaseRow.hub_id) == ctx.hub.id, col(CaseRow.created_at) >= since)
        rows = ctx.session.execute(query.order_by(number.desc(), col(CaseRow.item_code)).limit(POPULAR)).all()
        codes = [code for code, _number in rows]
        kept[ctx.hub.id] = (time.monotonic(), codes)
    return list(codes)


def bundle_codes(q: str) -> set[str]:
    """Give the items of the life events that fit what was typed."""
    return {code for event in load_life_events() if _fits(q, event) for code in event.item_codes}


def bundles(q: str, choices: Mapping[str, Choice]) -> list[dict[str, Any]]:
    """Give the life events that hold an item of the open lines, with what belongs to them elsewhere."""
    found = []
    for event in load_life_events():
        rows = [{"choice": choices[code], "matched": ""} for code in event.item_codes if code in choices]
        if rows and _fits(q, event):
            elsewhere = [bilingual(one.title_zh, one.title_en) for one in event.by_name_only if one.code not in choices]
            title = bilingual(event.title_zh, event.title_en)
            found.append({"key": event.key, "title": title, "rows": rows, "elsewhere": elsewhere})
    return found


def _fits(q: str, event: LifeEvent) -> bool:
    wanted = "".join(q.split()).lower()
    return not wanted or any(
        wanted in key for key in (event.title_zh, initials(event.title_zh), event.title_en.lower().replace(" ", ""))
    )


def _choice(item: Item, line: LineManifest | None, said: Entitlement | None, health: Health) -> Choice:
    manifest = item.manifest
    is_own = line is not None and line.department == manifest.department
    return Choice(
        code=item.code,
        title=bilingual(manifest.title_zh, manifest.title_en),
        department=bilingual(manifest.department, line.department_en if line and is_own else ""),
        line_id=item.line_id,
        verdict=said.verdict if said else None,
        has_rules=bool(said and said.has_rules),
        missing=said.missing_words if said and said.verdict is None else "",
        health=item_health(health, manifest),
        is_superseded=manifest.status == "superseded",
        is_name_only=manifest.depth == "name",
        note=manifest.note if manifest.status == "superseded" else "",
    )
