"""Keeps the exact item a case was accepted under, so that old cases stay readable for ever."""

from contextlib import suppress

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from ..api.manifest import ItemManifest
from ..store.context import Context
from .items import Catalogue, Item
from .models import ItemVersionRow


def freeze_item(ctx: Context, item: Item) -> None:
    """Keep an item's content under its digest; safe to call for every case."""
    if ctx.session.get(ItemVersionRow, item.digest) is not None:
        return
    # Another process may keep the same item at this moment.
    with suppress(IntegrityError), ctx.session.begin_nested():
        ctx.session.add(
            ItemVersionRow(
                digest=item.digest,
                code=item.code,
                version=item.manifest.version,
                division=item.manifest.division,
                line_id=item.line_id,
                content=item.manifest.model_dump(mode="json"),
                first_used_at=ctx.clock.now(),
            )
        )


def frozen_item(session: Session, catalogue: Catalogue, digest: str) -> ItemManifest | None:
    """Give the item of a digest: the one in the files if it is still there, else the kept one."""
    item = catalogue.by_digest.get(digest)
    if item is not None:
        return item.manifest
    row = session.get(ItemVersionRow, digest)
    return ItemManifest.model_validate(row.content) if row else None
