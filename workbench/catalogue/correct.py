"""Correcting an item without a programmer: one person drafts, another publishes, and the last step can be taken back.

Cases accepted before keep the version they were accepted under.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, func, select, update

from ..api.manifest import ItemManifest
from ..hubs.models import HubRow
from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .editions import digest_of
from .items import Item
from .models import ItemEditionRow

MOVED = ("moved", "这份修订刚刚被他人更新，请按现在的内容处理。", "Somebody else changed this correction; look again.")


def open_correction(ctx: Context, item: Item, division: str) -> ItemEditionRow:
    """Give the open draft for an item at a place, or begin one with what is in force; twice is the same draft."""
    draft = find_draft(ctx, item.code, division)
    if draft is not None:
        return draft
    number = _last_number(ctx, item.code, division) + 1
    content = item.manifest.model_dump(mode="json")
    content |= {"division": division, "version": f"{item.manifest.version.partition('+')[0]}+{number}"}
    content |= {"valid_from": ctx.clock.today().isoformat(), "valid_to": None}
    draft = ItemEditionRow(
        id=new_id(), code=item.code, line_id=item.line_id, division=division, number=number, base_digest=item.digest,
        content=content, made_by=ctx.actor.id, made_at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(draft)
    record(ctx, "item.correct", subject=f"item:{item.code}")
    return draft


def find_draft(ctx: Context, code: str, division: str) -> ItemEditionRow | None:
    """Give the open draft for an item at a place."""
    place = (ItemEditionRow.code == code, ItemEditionRow.division == division, ItemEditionRow.state == "draft")
    return ctx.session.exec(select(ItemEditionRow).where(*place)).first()


def _last_number(ctx: Context, code: str, division: str) -> int:
    place = (ItemEditionRow.code == code, ItemEditionRow.division == division)
    return ctx.session.exec(select(func.max(ItemEditionRow.number)).where(*place)).one() or 0


def save_correction(
    ctx: Context, draft: ItemEditionRow, changes: Mapping[str, Any], *, reason: str, seen_version: int
) -> None:
    """Keep what was typed, whole or not; whoever typed last is the one who may not publish."""
    _lock(ctx, draft, "draft", seen_version)
    draft.content = {**draft.content, **changes}
    draft.reason, draft.made_by, draft.made_at = reason, ctx.actor.id, ctx.clock.now()
    draft.version += 1


def publish_correction(ctx: Context, draft: ItemEditionRow, *, seen_version: int) -> ItemManifest:
    """Put a draft in force at its place from its first day on; raises Problem for its own author."""
    _lock(ctx, draft, "draft", seen_version)
    if draft.made_by == ctx.actor.id:
        zh, en = (
            "修订须由另一个人发布。请交给其他管理员核对。",
            "Somebody else has to publish it: ask another admin to look.",
        )
        raise Problem("four_eyes", zh, en)
    if not draft.reason.strip():
        raise Problem("reason_missing", "请写明修订依据。", "State the reason of the correction.", field="reason")
    manifest = ItemManifest.model_validate(draft.content)
    draft.state, draft.digest = "published", digest_of(manifest)
    draft.published_by, draft.published_at = ctx.actor.id, ctx.clock.now()
    draft.version += 1
    _tell_processes(ctx)
    record(ctx, "item.publish", subject=f"item:{draft.code}", detail={"version": manifest.version})
    return manifest


def take_back(ctx: Context, edition: ItemEditionRow, *, seen_version: int) -> None:
    """Take a published correction out of force: the version before it is offered again at once."""
    _lock(ctx, edition, "published", seen_version)
    edition.state, edition.ended_by, edition.ended_at = "withdrawn", ctx.actor.id, ctx.clock.now()
    edition.version += 1
    _tell_processes(ctx)
    record(ctx, "item.take_back", subject=f"item:{edition.code}", detail={"number": edition.number})


def discard_correction(ctx: Context, draft: ItemEditionRow, *, seen_version: int) -> None:
    """Give a draft up; it stays in the item's history."""
    _lock(ctx, draft, "draft", seen_version)
    draft.state, draft.ended_by, draft.ended_at = "discarded", ctx.actor.id, ctx.clock.now()
    draft.version += 1


def _lock(ctx: Context, edition: ItemEditionRow, state: str, seen_version: int) -> None:
    """Read an edition anew, locked; raises Problem when it is not as it was seen."""
    ctx.session.refresh(edition, with_for_update=True)
    if edition.state != state or edition.version != seen_version:
        raise Problem(*MOVED)


def _tell_processes(ctx: Context) -> None:
    """Count up every hub's version, by which all processes know that something on offer has changed."""
    # Locked in one order first, so that two who publish at once never wait for each other.
    ctx.session.exec(select(HubRow.id).order_by(col(HubRow.id)).with_for_update(key_share=True)).all()
    ctx.session.execute(update(HubRow).values(version=HubRow.version + 1))


def list_editions(ctx: Context, division: str, code: str = "") -> list[ItemEditionRow]:
    """List the corrections for a place and for every place, newest first; of one item, or all not given up."""
    query = select(ItemEditionRow).where(col(ItemEditionRow.division).in_((division, "*")))
    query = query.where(ItemEditionRow.code == code) if code else query.where(ItemEditionRow.state != "discarded")
    return list(
        ctx.session.exec(query.order_by(col(ItemEditionRow.made_at).desc(), col(ItemEditionRow.id).desc()).limit(100))
    )
