"""What two contents of an item may be compared: in force here, a draft, every version and place that is known.

A side is named in an address by "now", "draft", or the digest of a content.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from ..api.manifest import ItemManifest
from ..hubs.models import DivisionRow
from ..store.context import Context
from ..web.language import _, bilingual
from .items import Catalogue
from .models import ItemEditionRow, ItemVersionRow


@dataclass(frozen=True, slots=True)
class Side:
    """One content of an item, and what it is called."""

    name: str
    words: str
    manifest: ItemManifest


def sides_of(ctx: Context, known: Catalogue, code: str, *, drafts: bool = False) -> list[Side]:
    """List what is known of an item: in force here first, then drafts, then versions from the newest. Three queries."""
    contents = [(item.digest, item.manifest) for item in known.by_code.get(code, ())]
    contents += [(item.digest, item.manifest) for item in known.former if item.code == code]
    kept = select(ItemVersionRow).where(ItemVersionRow.code == code).order_by(col(ItemVersionRow.first_used_at).desc())
    contents += [(row.digest, ItemManifest.model_validate(row.content)) for row in ctx.session.exec(kept.limit(50))]
    by_digest = dict(reversed(contents))
    drafted = _drafts(ctx, code) if drafts else []
    places = {manifest.division for manifest in (*by_digest.values(), *(m for _name, m in drafted))}
    names = _places(ctx, places - {"*"})
    found = [Side(digest, _words(manifest, names), manifest) for digest, manifest in by_digest.items()]
    found.sort(key=lambda side: (side.manifest.valid_from, side.manifest.version), reverse=True)
    found[:0] = [Side(name, _("Draft: {words}", words=_words(one, names)), one) for name, one in drafted]
    current = known.find(code, ctx.hub.division, ctx.clock.today())
    if current is not None:
        words = _("In force here: {words}", words=_words(current.manifest, names))
        found.insert(0, Side("now", words, current.manifest))
    return found


def _drafts(ctx: Context, code: str) -> list[tuple[str, ItemManifest]]:
    """Give the drafts for this place and for every place that can be read as an item."""
    query = select(ItemEditionRow).where(ItemEditionRow.code == code, ItemEditionRow.state == "draft")
    query = query.where(col(ItemEditionRow.division).in_((ctx.hub.division, "*")))
    found = []
    for row in ctx.session.exec(query.order_by(col(ItemEditionRow.division).desc())):
        try:
            found.append(("draft" if row.division != "*" else "draft-everywhere", _as_item(row)))
        except ValueError:  # half typed: the form says what is missing
            continue
    return found


def _as_item(row: ItemEditionRow) -> ItemManifest:
    return ItemManifest.model_validate(row.content)


def _places(ctx: Context, codes: set[str]) -> dict[str, str]:
    rows = ctx.session.exec(select(DivisionRow).where(col(DivisionRow.code).in_(codes))) if codes else ()
    return {row.code: bilingual(row.name_zh, row.name_en or row.name_zh) for row in rows}


def _words(manifest: ItemManifest, names: dict[str, str]) -> str:
    place = _("every place") if manifest.division == "*" else names.get(manifest.division, manifest.division)
    return _("version {version}, {place}, from {day}", version=manifest.version, place=place, day=manifest.valid_from)
