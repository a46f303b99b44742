"""Register residents and change what is on file about them. One person, one file, at one hub."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from ..identity.seen import shows
from ..store.clock import local
from ..store.context import Context
from ..store.ids import is_id, new_id
from ..store.problems import Problem
from . import id_number
from .blind_keys import id_key, id_keys, phone_key
from .check import Identity, PersonInput, check_person
from .facts import FactInput, record_facts
from .mirror import write_keys
from .models import PersonRow
from .phone import mask as mask_phone


class AlreadyRegistered(Problem):
    """This ID number is on file; open that file instead."""

    def __init__(self, person_id: str) -> None:
        zh = "这个证件号码已有档案,请打开已有档案办理。"
        super().__init__("already_registered", zh, "This ID number is on file; open that file instead.", "id_no")
        self.person_id = person_id


class NoSuchPerson(Problem):
    """There is no such file at this hub."""

    def __init__(self) -> None:
        zh = "本站点没有这份居民档案。请用完整证件号码重新查找。"
        en = "There is no such resident at this hub. Search again with the full ID number."
        super().__init__("no_such_person", zh, en)


class PlaceInput(BaseModel):
    """Where in the hub's area a person belongs, and how they stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    community_id: str | None = None
    grid_id: str | None = None
    status: Literal["active", "dead", "moved"] | None = None


def get_person(ctx: Context, person_id: str, *, citywide: bool = False) -> PersonRow:
    """Give a person of this hub, or of any hub when asked citywide; raises NoSuchPerson."""
    row = ctx.session.get(PersonRow, person_id)
    if row is None or not (citywide or row.hub_id == ctx.hub.id):
        raise NoSuchPerson
    shows(row.id)
    return row


def get_standing(ctx: Context, person_id: str) -> PersonRow:
    """Give a person of this hub whose file stands; raises Problem for one merged, NoSuchPerson for one erased."""
    row = get_person(ctx, person_id)
    refuse_gone(row)
    return row


def lock_person(ctx: Context, person_id: str) -> PersonRow:
    """Give a person of this hub whose file stands, locked until the transaction ends; raises as `get_standing`."""
    query = select(PersonRow).where(PersonRow.id == person_id, PersonRow.hub_id == ctx.hub.id)
    row = ctx.session.exec(query.with_for_update(key_share=True)).first()
    if row is None:
        raise NoSuchPerson
    refuse_gone(row)
    return row


def hold_standing(ctx: Context, person_ids: Iterable[str]) -> None:
    """Let files that stand, at any hub, stand until the transaction ends: others may write about them, but nobody
    merges or erases them. Raises as `get_standing`. One query.
    """
    wanted = sorted(set(person_ids))
    query = select(PersonRow).where(col(PersonRow.id).in_(wanted)).order_by(col(PersonRow.id))
    rows = ctx.session.exec(query.with_for_update(read=True, key_share=True)).all()
    if len(rows) < len(wanted):
        raise NoSuchPerson
    for row in rows:
        refuse_gone(row)


def refuse_gone(row: PersonRow) -> None:
    """Raise Problem for a file that was merged into another one, NoSuchPerson for one that leads to nobody."""
    if row.merged_into:
        zh = "此档案已并入另一份档案，请打开现行档案再办理。"
        raise Problem("person_merged", zh, "This file was merged into another one. Open the file that stands.")
    if row.status == "merged":  # erased, or the import that opened it was taken back
        raise NoSuchPerson


def opened_before(ctx: Context, key: str) -> PersonRow | None:
    """Give the file that a page opened which said this key: a second press finds what the first one made."""
    row = ctx.session.get(PersonRow, key) if is_id(key) else None
    is_ours = row is not None and row.hub_id == ctx.hub.id and local(row.created_at).date() == ctx.clock.today()
    return row if is_ours else None


def register_person(ctx: Context, given: PersonInput, *, purpose: str = "registration", key: str = "") -> PersonRow:
    """Open a file for a person at the context's hub; raises Problems, or AlreadyRegistered with the id on file.

    Everything said is also recorded as facts, each with its source. `key` is the id a page made for the file.
    """
    identity = check_person(given, ctx.clock.today())
    row = _row(ctx, given, identity)
    row.id = key if is_id(key) else row.id
    _insert(ctx, row)
    write_keys(ctx, row)
    record_facts(ctx, row.id, _facts(given, identity), purpose=purpose)
    return row


def update_person(ctx: Context, person_id: str, given: PersonInput, *, version: int) -> PersonRow:
    """Change what is on file; the old values stay in the facts, and a number left empty stays as it is.

    Raises Problems, AlreadyRegistered, or Problem "changed_meanwhile" when somebody else was faster.
    """
    row = lock_person(ctx, person_id)
    shows(row.id)
    if row.version != version:
        zh = "档案刚被他人修改,您的修改未保存。请刷新后核对再改。"
        en = "Somebody else has just changed this file; yours was not saved. Reload, compare, and change it again."
        raise Problem("changed_meanwhile", zh, en)
    if row.id_no and not given.id_no:
        given = given.model_copy(update={"id_no": row.id_no, "id_type": row.id_type})
    identity = check_person(given, ctx.clock.today())
    fresh = _row(ctx, given, identity)
    _refuse_taken(ctx, fresh.id_type, fresh.id_no, person_id)
    for name in ("id_type", "id_no", "id_index", "id_masked", "community_id", "grid_id"):
        setattr(row, name, getattr(fresh, name))
    row.version += 1
    ctx.session.add(row)
    record_facts(ctx, row.id, _facts(given, identity), purpose="update")
    return row


def place_person(ctx: Context, person_id: str, given: PlaceInput) -> PersonRow:
    """Say to which community and grid a person belongs, and whether they live, moved away or died."""
    row = lock_person(ctx, person_id)
    shows(row.id)
    for name, value in given.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = ctx.clock.now()
    ctx.session.add(row)
    return row


def _row(ctx: Context, given: PersonInput, identity: Identity) -> PersonRow:
    now, number, phone = ctx.clock.now(), identity.id_no, identity.phone
    return PersonRow(
        id=new_id(),
        hub_id=ctx.hub.id,
        community_id=given.community_id,
        grid_id=given.grid_id,
        name=identity.name,
        sex=identity.sex,
        birth_date=identity.birth_date,
        id_type=given.id_type,
        id_no=number or None,
        id_index=id_key(ctx.keys, given.id_type, number) if number else None,
        id_masked=id_number.mask(number),
        phone=phone or None,
        phone_index=phone_key(ctx.keys, phone) if phone else None,
        phone_masked=mask_phone(phone),
        created_at=now,
        updated_at=now,
    )


def _insert(ctx: Context, row: PersonRow) -> None:
    """Insert under a savepoint: two workers may register the same person at the same moment."""
    id_type, number = row.id_type, row.id_no
    _refuse_taken(ctx, id_type, number)
    try:
        with ctx.session.begin_nested():
            ctx.session.add(row)
    except IntegrityError:
        _refuse_taken(ctx, id_type, number)
        raise


def _refuse_taken(ctx: Context, id_type: str, number: str | None, own_id: str = "") -> None:
    if number is None:
        return
    taken = col(PersonRow.id_index).in_(id_keys(ctx.keys, id_type, number))
    holder = ctx.session.exec(select(PersonRow.id).where(taken)).first()
    if holder is not None and holder != own_id:
        raise AlreadyRegistered(holder)


def _facts(given: PersonInput, identity: Identity) -> list[FactInput]:
    """What was said, as facts. The resident's own word is the only source of a phone number."""
    facts = [_said(given, "person.name", identity.name), _said(given, "person.id_type", given.id_type)]
    if identity.id_no:
        facts.append(_said(given, "person.id_no", identity.id_no))
    else:
        facts.append(FactInput("person.no_id_reason", given.no_id_reason))
    facts += _said_and_derived(given, "person.sex", identity.sex, identity.derived_sex)
    facts += _said_and_derived(given, "person.birth_date", identity.birth_date, identity.derived_birth_date)
    if identity.phone:
        facts.append(FactInput("person.phone", identity.phone))
    return facts


def _said_and_derived(given: PersonInput, key: str, value: object, derived: object) -> list[FactInput]:
    """Keep both where the resident says something else than the number: the difference stays visible."""
    if not value:
        return []
    if not derived or derived == value:
        return [_said(given, key, value)]
    return [_said(given, key, derived), FactInput(key, value, reason=given.difference_reason)]


def _said(given: PersonInput, key: str, value: object) -> FactInput:
    return FactInput(key, value, given.rank, given.source, given.as_of)
