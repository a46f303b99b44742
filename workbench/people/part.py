"""Takes two merged files apart again: each gets back what was its own, to the byte.

What was added after the merge stays with the file that was kept. If that file was changed meanwhile, its
row is written anew from the facts that are its own; otherwise it is put back as it was stored.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import SQLModel, col, select

from ..identity.audit import record
from ..store.context import Context
from ..store.problems import Problem
from .belongings import move_back
from .blind_keys import id_keys
from .facts import current_facts
from .merge import KEYS, PERSON, digest_of
from .mirror import MIRRORED, mirror, write_keys
from .models import MemberRow, MergeRow, PersonRow
from .raw_rows import add_rows, from_json, put_back


def part_people(ctx: Context, merge_id: str, reason: str) -> MergeRow:
    """Undo a merge and give it; twice is safe. Raises Problem when there is none here, or the reason is missing."""
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明为什么不是同一个人。", "Say why they are two people.", "reason")
    merge = ctx.session.exec(
        select(MergeRow).where(MergeRow.id == merge_id, MergeRow.hub_id == ctx.hub.id).with_for_update()
    ).first()
    if merge is None:
        raise Problem("no_such_merge", "没有这次合并。请刷新后重试。", "There is no such merge. Reload and try again.")
    if merge.undone_at is not None:
        return merge
    kept = ctx.session.get_one(PersonRow, merge.kept_id, with_for_update=True)
    _refuse_erased(merge)
    _refuse_hidden(kept)
    _part(ctx, merge, kept)
    merge.undone_at, merge.undone_by, merge.undo_reason = ctx.clock.now(), ctx.actor.id, reason.strip()
    ctx.session.add(merge)
    for person_id in (merge.kept_id, merge.gone_id):
        record(ctx, "person.part", person_id=person_id, subject=f"merge:{merge.id}", purpose=merge.undo_reason)
    return merge


def _refuse_hidden(kept: PersonRow) -> None:
    if kept.status == "merged":
        zh = "这份档案后来又并入了另一份。请先撤销后一次合并。"
        raise Problem("merged_again", zh, "This file was merged into another one later. Take that apart first.")


def _refuse_erased(merge: MergeRow) -> None:
    if merge.before is None:
        zh, en = "这份档案已到期删除，不能再拆分。", "This file was erased when its term had run out."
        raise Problem("merge_erased", zh, f"{en} It cannot be taken apart any more.")


def _part(ctx: Context, merge: MergeRow, kept: PersonRow) -> None:
    is_unchanged = digest_of(ctx, kept.id, merge.before.get("salt", "")) == merge.after
    people = {row["id"]: row for row in from_json(ctx.keys, PERSON, merge.before["people"])}
    keys = from_json(ctx.keys, KEYS, merge.before["keys"])
    move_back(ctx.session, merge.moved, merge.gone_id, merge.kept_id)
    for name, rows in merge.before["taken_away"].items():
        table = SQLModel.metadata.tables[name]
        add_rows(ctx.session, table, from_json(ctx.keys, table, rows))
    if is_unchanged:
        put_back(ctx.session, PERSON, people[kept.id])
        _put_keys_back(ctx, kept.id, keys)
    elif kept.id_no is not None and people[merge.gone_id]["id_index"] in id_keys(ctx.keys, kept.id_type, kept.id_no):
        kept.id_no, kept.id_index, kept.id_masked = None, None, ""
        ctx.session.flush()
    put_back(ctx.session, PERSON, people[merge.gone_id])
    _put_keys_back(ctx, merge.gone_id, keys)
    ctx.session.expire_all()
    if not is_unchanged:
        _write_anew(ctx, kept, ctx.clock.now())


def _put_keys_back(ctx: Context, person_id: str, keys: list[dict[str, Any]]) -> None:
    ctx.session.connection().execute(delete(KEYS).where(KEYS.c.person_id == person_id))
    add_rows(ctx.session, KEYS, [row for row in keys if row["person_id"] == person_id])


def _write_anew(ctx: Context, kept: PersonRow, now: datetime) -> None:
    current = current_facts(ctx, kept.id, MIRRORED)
    mirror(ctx, kept, {key: fact.value for key, fact in current.items()})
    write_keys(ctx, kept)
    homes = select(MemberRow.household_id).where(MemberRow.person_id == kept.id, col(MemberRow.until).is_(None))
    at_home = set(ctx.session.exec(homes))
    if kept.household_id not in at_home:
        kept.household_id = min(at_home, default=None)
    kept.version += 1
    kept.updated_at = now
    ctx.session.add(kept)
