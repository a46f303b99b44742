"""Two files that are one person become one; nothing is lost, and the two can be taken apart again.

Everything that refers to the file that goes is given to the one that stays; the file that goes stays
as an empty row that leads to the other. What was there before is kept with the merge.
"""

import hashlib
import json
import secrets
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import SQLModel, col, select

from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .belongings import move_over
from .facts import current_facts
from .mirror import MIRRORED, mirror
from .models import MergeRow, PersonKeyRow, PersonRow
from .raw_rows import Row, read_rows, says, to_json
from .register import NoSuchPerson

PERSON = SQLModel.metadata.tables["person"]
KEYS = SQLModel.metadata.tables["person_key"]
CITIZEN = 18


def merge_people(ctx: Context, kept_id: str, gone_id: str, reason: str) -> MergeRow:
    """Merge one file into another and give the merge; the same again gives the first one.

    Raises NoSuchPerson, or Problem when they cannot be one person or the reason is missing.
    """
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明为什么是同一个人。", "Say why they are one person.", "reason")
    kept, gone = _lock(ctx, kept_id, gone_id)
    if gone.merged_into == kept.id and (done := _merge_of(ctx, kept.id, gone.id)):
        return done
    _refuse(kept, gone)
    ctx.session.flush()
    before = _as_they_are(ctx, kept.id, gone.id) | {"salt": secrets.token_hex(16)}
    moved, taken_away = move_over(ctx.session, gone.id, kept.id)
    ctx.session.expire_all()
    _join(ctx, kept, gone)
    row = MergeRow(
        id=new_id(),
        hub_id=ctx.hub.id,
        kept_id=kept.id,
        gone_id=gone.id,
        at=ctx.clock.now(),
        by=ctx.actor.id,
        reason=reason.strip(),
        moved=moved,
        before=before | {"taken_away": {name: _kept(ctx, name, rows) for name, rows in taken_away.items()}},
        after=digest_of(ctx, kept.id, before["salt"]),
    )
    ctx.session.add(row)
    for one in (kept, gone):
        record(ctx, "person.merge", person_id=one.id, subject=f"merge:{row.id}", purpose=row.reason)
    return row


def merges_of(ctx: Context, person_id: str) -> list[MergeRow]:
    """Give the merges into a person that still stand, the newest first. One query."""
    query = select(MergeRow).where(MergeRow.kept_id == person_id, col(MergeRow.undone_at).is_(None))
    return list(ctx.session.exec(query.order_by(col(MergeRow.at).desc())))


def _lock(ctx: Context, kept_id: str, gone_id: str) -> tuple[PersonRow, PersonRow]:
    """Lock both files, always in the same order."""
    query = select(PersonRow).where(col(PersonRow.id).in_((kept_id, gone_id)), PersonRow.hub_id == ctx.hub.id)
    found = {row.id: row for row in ctx.session.exec(query.order_by(col(PersonRow.id)).with_for_update())}
    if kept_id == gone_id:
        raise Problem("same_file", "请选择两份不同的档案。", "Choose two different files.", "gone")
    if kept_id not in found or gone_id not in found:
        raise NoSuchPerson
    return found[kept_id], found[gone_id]


def _merge_of(ctx: Context, kept_id: str, gone_id: str) -> MergeRow | None:
    query = select(MergeRow).where(MergeRow.kept_id == kept_id, MergeRow.gone_id == gone_id)
    return ctx.session.exec(query.where(col(MergeRow.undone_at).is_(None))).first()


def _refuse(kept: PersonRow, gone: PersonRow) -> None:
    if "merged" in (kept.status, gone.status):
        zh, en = "其中一份档案已并入别的档案。请打开现行档案再办理。", "One of these files was merged already."
        raise Problem("merged_already", zh, f"{en} Open the file that stands.", "gone")
    numbers = {one.id_no for one in (kept, gone) if one.id_no and len(one.id_no) == CITIZEN}
    if len(numbers) > 1:
        zh = "两份档案的公民身份号码不同，不能合并。如有一个号码录错，请先更正号码。"
        en = "Their citizen identity numbers differ, so they are not merged. If one is wrong, correct it first."
        raise Problem("different_numbers", zh, en, "gone")


def _as_they_are(ctx: Context, *ids: str) -> dict[str, Any]:
    people = read_rows(ctx.session, PERSON, PERSON.c.id.in_(ids))
    keys = read_rows(ctx.session, KEYS, KEYS.c.person_id.in_(ids))
    return {"people": to_json(ctx.keys, PERSON, people), "keys": to_json(ctx.keys, KEYS, keys)}


def _kept(ctx: Context, name: str, rows: list[Row]) -> list[Row]:
    return to_json(ctx.keys, SQLModel.metadata.tables[name], rows)


def _join(ctx: Context, kept: PersonRow, gone: PersonRow) -> None:
    """Let the kept file say what both say, and be found by both names; the other one leads to it."""
    now = ctx.clock.now()
    for name in ("household_id", "community_id", "grid_id"):
        setattr(kept, name, getattr(kept, name) or getattr(gone, name))
    if not kept.id_no and gone.id_no:
        taken = {name: getattr(gone, name) for name in ("id_type", "id_no", "id_index", "id_masked")}
        gone.id_no, gone.id_index = None, None
        ctx.session.flush()
        for name, value in taken.items():
            setattr(kept, name, value)
    kept.version += 1
    kept.updated_at = now
    gone.status, gone.merged_into, gone.household_id = "merged", kept.id, None
    gone.version += 1
    gone.updated_at = now
    ctx.session.flush()
    current = current_facts(ctx, kept.id, MIRRORED)
    mirror(ctx, kept, {key: fact.value for key, fact in current.items()})
    ctx.session.flush()
    _join_keys(ctx, kept, gone)


def _join_keys(ctx: Context, kept: PersonRow, gone: PersonRow) -> None:
    held = set(ctx.session.exec(select(PersonKeyRow.key).where(PersonKeyRow.person_id == kept.id)))
    more = set(ctx.session.exec(select(PersonKeyRow.key).where(PersonKeyRow.person_id == gone.id))) - held
    ctx.session.connection().execute(delete(KEYS).where(KEYS.c.person_id == gone.id))
    rows = [{"key": key, "person_id": kept.id, "hub_id": kept.hub_id} for key in sorted(more)]
    if rows:
        ctx.session.connection().execute(insert(KEYS), rows)


def digest_of(ctx: Context, person_id: str, salt: str) -> str:
    """Name exactly what a person's row and search keys say, whichever keys seal it; worth nothing without the salt."""
    ctx.session.flush()
    people = read_rows(ctx.session, PERSON, PERSON.c.id == person_id)
    keys = read_rows(ctx.session, KEYS, KEYS.c.person_id == person_id)
    told = [salt, says(ctx.keys, PERSON, people), says(ctx.keys, KEYS, keys)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
