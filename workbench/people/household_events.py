"""What happens to households: members move in and out, are born, die, split; each event is written down.

Who lives where today stands in the members; how it came to be so stands in the events, which are only added to.
"""

from dataclasses import dataclass, field

from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .address_keys import write_address_keys
from .household_models import HouseholdEventRow
from .household_record import Deed, Relations, event_of, members_now, memberships_of, one_head, restate, write_event
from .households import HEAD, add_member, get_household, remove_member
from .models import HouseholdRow, PersonRow
from .register import get_person
from .take_over import take_over


@dataclass(frozen=True, slots=True)
class Leaving:
    """Some members go: who, and how those who stay now stand to their head where that changes."""

    people: tuple[str, ...]
    rest: Relations = field(default_factory=dict)
    is_away: bool = True  # they left the area, and not only this household


def open_household(ctx: Context, head_id: str, address: str, others: Relations, deed: Deed) -> HouseholdEventRow:
    """Open a household with its head and whoever lives there; raises Problem for who is in one already."""
    if done := event_of(ctx, deed):
        return done
    home = _new_home(ctx, address)

    def change() -> None:
        for person_id, relation in {head_id: HEAD, **others}.items():
            add_member(ctx, home.id, person_id, relation, deed.on)

    return write_event(ctx, "open", home, [head_id, *others], deed, change)


def join(ctx: Context, household_id: str, people: Relations, deed: Deed, *, kind: str = "join") -> HouseholdEventRow:
    """Let people move in, each with the relation to the head; somebody who moved away comes back so.

    Raises Problem for who is in another household: they move out of it first, or belong to both for a reason.
    """
    if done := event_of(ctx, deed):
        return done
    home = get_household(ctx, household_id)

    def change() -> None:
        for person_id, relation in people.items():
            person = take_over(ctx, person_id)
            add_member(ctx, home.id, person_id, relation, deed.on)
            person.status = "active" if person.status == "moved" else person.status
        if HEAD in people.values():
            one_head(ctx, home.id)

    return write_event(ctx, kind, home, people, deed, change)


def belong_to_both(ctx: Context, household_id: str, person_id: str, relation: str, deed: Deed) -> HouseholdEventRow:
    """Put somebody of another household into this one too; needs a reason. The first one stays their main one."""
    if done := event_of(ctx, deed):
        return done
    if len(deed.reason.strip()) < 2:
        zh, en = "请写明为什么同时属于两户。", "Say why this person belongs to two households."
        raise Problem("reason_missing", zh, en, "reason")
    home = get_household(ctx, household_id)
    main = get_person(ctx, person_id).household_id

    def change() -> None:
        add_member(ctx, home.id, person_id, relation, deed.on, second_reason=deed.reason.strip())
        if relation == HEAD:
            one_head(ctx, home.id)

    return write_event(ctx, "second", home, [person_id], deed, change, other_id=main)


def leave(ctx: Context, household_id: str, who: Leaving, deed: Deed) -> HouseholdEventRow:
    """Let all members or some move out; raises Problem when those who stay have no head."""
    if done := event_of(ctx, deed):
        return done
    home = get_household(ctx, household_id)

    def change() -> None:
        for person_id in who.people:
            person = ctx.session.get_one(PersonRow, person_id)
            was_main = person.household_id == home.id
            remove_member(ctx, home.id, person_id, deed.on)
            if was_main and who.is_away and person.status == "active":
                person.status = "moved"
        restate(ctx, home.id, who.rest)

    return write_event(ctx, "leave", home, [*who.people, *who.rest], deed, change)


def split(
    ctx: Context, household_id: str, people: Relations, address: str, who: Leaving, deed: Deed
) -> HouseholdEventRow:
    """Let some members form a household of their own; exactly one of them is its head. Raises Problem."""
    if done := event_of(ctx, deed):
        return done
    home = get_household(ctx, household_id)
    fresh = _new_home(ctx, address or home.address or "")

    def change() -> None:
        for person_id, relation in people.items():
            remove_member(ctx, home.id, person_id, deed.on)
            add_member(ctx, fresh.id, person_id, relation, deed.on)
        restate(ctx, home.id, who.rest)
        one_head(ctx, fresh.id)

    return write_event(ctx, "split", home, [*people, *who.rest], deed, change, other_id=fresh.id)


def die(ctx: Context, household_id: str, person_id: str, rest: Relations, deed: Deed) -> HouseholdEventRow:
    """Write down that a member died, and how those who stay now stand to their head. Raises Problem."""
    if done := event_of(ctx, deed):
        return done
    home = get_household(ctx, household_id)

    def change() -> None:
        for membership in memberships_of(ctx, person_id):
            if membership.until is None:
                remove_member(ctx, membership.household_id, person_id, deed.on)
        ctx.session.get_one(PersonRow, person_id).status = "dead"
        restate(ctx, home.id, rest)

    return write_event(ctx, "death", home, [person_id, *rest], deed, change)


def state_relations(ctx: Context, household_id: str, relations: Relations, deed: Deed) -> HouseholdEventRow:
    """Say anew how the members stand to the head, or who the head is. Raises Problem."""
    if done := event_of(ctx, deed):
        return done
    home = get_household(ctx, household_id)
    return write_event(ctx, "relations", home, relations, deed, lambda: restate(ctx, home.id, relations))


def move_house(ctx: Context, household_id: str, address: str, deed: Deed) -> HouseholdEventRow:
    """Let a whole household live elsewhere in the area."""
    if done := event_of(ctx, deed):
        return done
    if len(address.strip()) < 2:
        raise Problem("address_missing", "请填写新住址。", "Enter the new address.", "address")
    home = get_household(ctx, household_id)
    people = [member.person_id for member in members_now(ctx, home.id)]

    def change() -> None:
        home.address = address.strip()
        write_address_keys(ctx, home)

    return write_event(ctx, "address", home, people, deed, change)


def _new_home(ctx: Context, address: str) -> HouseholdRow:
    home = HouseholdRow(id=new_id(), hub_id=ctx.hub.id, address=address.strip() or None, created_at=ctx.clock.now())
    ctx.session.add(home)
    ctx.session.flush()
    write_address_keys(ctx, home)
    return home
