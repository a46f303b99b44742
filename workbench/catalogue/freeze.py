"""Keeps the exact item a case was accepted under, so that old cases stay readable for ever."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select, text
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..api.manifest import ItemManifest
from ..store.context import Context
from ..store.rows import prepare, run, run_each
from ..store.types import Json
from .items import Catalogue, Item
from .models import ItemVersionRow

KEPT = prepare(
    select(col(ItemVersionRow.digest)).where(col(ItemVersionRow.digest).in_(bindparam("digests", expanding=True)))
)
#: Another process may keep the same item at this moment.
KEEP = prepare(
    text(
        "INSERT INTO item_version (digest, code, version, division, line_id, content, first_used_at) VALUES "
        "(:digest, :code, :version, :division, :line_id, :content, :first_used_at) ON CONFLICT (digest) DO NOTHING"
    ).bindparams(bindparam("content", type_=Json), bindparam("first_used_at", type_=UTCDateTime()))
)
#: Digests that are known to be kept, by database: an item is kept once and its row never goes away.
_known: WeakKeyDictionary[Engine, frozenset[str]] = WeakKeyDictionary()
#: In `session.info` of whoever kept an item: what such a session sees, a rollback may take back.
OWN = "workbench.freeze"


def freeze_items(ctx: Context, items: Iterable[Item]) -> None:
    """Keep the content of items under their digests; safe to call for every case."""
    engine = ctx.session.get_bind().engine
    known = _known.get(engine, frozenset())
    fresh = {item.digest: item for item in items if item.digest not in known}
    if not fresh:
        return
    kept = frozenset(run(ctx.session, KEPT, digests=sorted(fresh)).scalars())
    missing = [_row(ctx, item) for digest, item in sorted(fresh.items()) if digest not in kept]
    run_each(ctx.session, KEEP, missing)
    if ctx.session.info.setdefault(OWN, bool(missing)) is False:
        _known[engine] = known | kept


def _row(ctx: Context, item: Item) -> dict[str, object]:
    return {
        "digest": item.digest,
        "code": item.code,
        "version": item.manifest.version,
        "division": item.manifest.division,
        "line_id": item.line_id,
        "content": item.manifest.model_dump(mode="json"),
        "first_used_at": ctx.clock.now(),
    }


def frozen_item(session: Session, catalogue: Catalogue, digest: str) -> ItemManifest | None:
    """Give the item of a digest: the one in the files if it is still there, else the kept one."""
    item = catalogue.by_digest.get(digest)
    if item is not None:
        return item.manifest
    row = session.get(ItemVersionRow, digest)
    return ItemManifest.model_validate(row.content) if row else None
