"""A child that is not on file yet, sitting on its mother's lap: a file is opened with what there is.

A newborn may have neither name nor number. It then stands on file under a name of its parent's, which
no form ever takes for the child's own; what needs the name or the number waits and says so.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from ..people.check import PersonInput
from ..people.facts import FactInput, record_facts
from ..people.household_events import join
from ..people.household_record import Deed
from ..people.households import HEAD
from ..people.models import MemberRow, PersonRow
from ..people.register import AlreadyRegistered, get_person, opened_before, register_person
from ..store.context import Context
from .at_home import SPOUSES
from .prefill import PROVISIONAL_NAME

NO_NUMBER = "新生儿，尚未落户"
SOURCE = "监护人"
SON, DAUGHTER = "20", "30"
CALLED = {"1": "之子", "2": "之女"}


@dataclass(frozen=True, slots=True)
class Newborn:
    """What is said of a child at the table; only the day of birth must be known."""

    birth_date: date
    name: str = ""
    id_no: str = ""
    sex: str = ""
    #: The id a page made for the file, so that a second press opens no second one.
    key: str = ""


def register_newborn(ctx: Context, guardian: PersonRow, child: Newborn) -> PersonRow:
    """Open a file for a child who lives with its guardian, or give the one that is there; raises Problems."""
    row = open_file(ctx, guardian, child)
    _join_household(ctx, guardian, row)
    return row


def open_file(ctx: Context, guardian: PersonRow, child: Newborn) -> PersonRow:
    """Open a file for a child, or give the one that is there; raises Problems for what cannot be."""
    done = opened_before(ctx, child.key)
    if done is not None and done.birth_date == child.birth_date:
        return done
    name = child.name.strip() or f"{guardian.name}{CALLED.get(child.sex, '之婴')}"
    given = PersonInput(
        name=name,
        id_no=child.id_no,
        no_id_reason="" if child.id_no else NO_NUMBER,
        sex=child.sex,
        birth_date=child.birth_date,
        source=SOURCE,
    )
    try:
        row = register_person(ctx, given, purpose="sitting", key=child.key)
    except AlreadyRegistered as known:
        return get_person(ctx, known.person_id, citywide=True)
    if not child.name.strip():
        record_facts(ctx, row.id, [FactInput(PROVISIONAL_NAME, name, source=SOURCE)], purpose="sitting")
    return row


def _join_household(ctx: Context, guardian: PersonRow, child: PersonRow) -> None:
    """A child of the head of a household, or of the head's spouse, lives there; of others we do not guess."""
    home = guardian.household_id
    if not home or guardian.hub_id != ctx.hub.id or child.hub_id != ctx.hub.id or child.household_id:
        return
    query = select(MemberRow.relation).where(
        col(MemberRow.household_id) == home, col(MemberRow.person_id) == guardian.id
    )
    if ctx.session.exec(query).first() in (HEAD, *SPOUSES):
        relation = DAUGHTER if child.sex == "2" else SON
        join(ctx, home, {child.id: relation}, Deed(on=child.birth_date), kind="birth")
