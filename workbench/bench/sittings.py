"""Forms and cases of the measured installation, made by the product's own verbs before the clock starts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from ..cases.models import CaseMaterialRow, DraftRow
from ..catalogue.answers import answer_all
from ..catalogue.form import form_of
from ..catalogue.items import Item
from ..people.models import PersonRow
from ..reception.accept import accept
from ..reception.draft import begin
from ..store.context import Context
from .world import Desk, Sampled, World, at_desk

#: Items by the number of platforms they go to at accept, with their share of the mix. The catalogue
#: that ships has none that goes to three, so their 15 % go to two.
ITEMS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (60, ("RS-003", "RS-006", "RS-010", "RS-012", "RS-002")),
    (40, ("MZ-008", "MZ-012")),
)
BATCH = 50
REASON = "与本人核对后更正"


@dataclass(frozen=True, slots=True)
class Sitting:
    """One form on one worker's desk."""

    desk: Desk
    case_id: str
    person_id: str
    item_code: str
    accept_key: str


def open_forms(world: World, desks: Sequence[Desk], count: int, *, is_complete: bool) -> list[Sitting]:
    """Open so many forms, in turn on these desks; complete ones can be accepted as they stand."""
    opened: list[Sitting] = []
    while len(opened) < count:
        with world.acting() as ctx:
            for _ in range(min(BATCH, count - len(opened))):
                desk = desks[len(opened) % len(desks)]
                person = world.random.choice(world.people[desk.hub.id])
                opened.append(_open(at_desk(ctx, desk), world, desk, person, is_complete))
    return opened


def accept_cases(world: World, desks: Sequence[Desk], count: int) -> list[Sitting]:
    """Accept so many cases, so that queues are as long as they are in life."""
    sittings = open_forms(world, desks, count, is_complete=True)
    for start in range(0, count, BATCH):
        with world.acting() as ctx:
            for sitting in sittings[start : start + BATCH]:
                keys = {sitting.case_id: sitting.accept_key}
                accept(at_desk(ctx, sitting.desk), world.catalogue, world.installed, keys)
    return sittings


def pick_item(world: World) -> Item:
    """Draw an item by the shares of the mix."""
    (codes,) = world.random.choices([codes for _, codes in ITEMS], [share for share, _ in ITEMS])
    return world.catalogue.by_code[world.random.choice(codes)][0]


def _open(ctx: Context, world: World, desk: Desk, sampled: Sampled, is_complete: bool) -> Sitting:
    item = pick_item(world)
    case = begin(ctx, item, ctx.session.get_one(PersonRow, sampled.id))
    draft = ctx.session.get_one(DraftRow, case.id)
    if is_complete:
        _complete(ctx, item, case.id, draft)
    return Sitting(desk, case.id, sampled.id, item.code, draft.accept_key)


def _complete(ctx: Context, item: Item, case_id: str, draft: DraftRow) -> None:
    draft.values = answer_all(form_of(item.manifest), draft.values)
    changed = {key for key, origin in draft.origins.items() if draft.values[key] != origin.get("held")}
    draft.origins = {k: o | ({"reason": REASON} if k in changed else {}) for k, o in draft.origins.items()}
    noted = set(ctx.session.exec(select(CaseMaterialRow.key).where(col(CaseMaterialRow.case_id) == case_id)))
    for material in item.manifest.materials:
        if material.key not in noted:
            ctx.session.add(CaseMaterialRow(case_id=case_id, key=material.key, state="sighted"))
    ctx.session.flush()
