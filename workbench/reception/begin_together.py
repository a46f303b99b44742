"""Opens several forms of one sitting at once: of any lines, for the person at the table and those they act for."""

from collections.abc import Sequence

from ..catalogue.form import form_of
from ..catalogue.items import Catalogue, Item
from ..catalogue.kin import load_roles
from ..identity.audit import record
from ..people.models import PersonRow
from ..people.register import hold_standing
from ..store.context import Context
from .draft import new_case, new_draft
from .prefill import prefill_together
from .questions import align, questions_of
from .sitting import WHO, Part, Sitting, name_people, open_sitting, read_sitting

#: One chosen matter: the item, and whom it is for.
Choice = tuple[Item, PersonRow]


def begin_together(ctx: Context, host: PersonRow, chosen: Sequence[Choice], catalogue: Catalogue) -> Sitting:
    """Open the forms that are not open yet, filled with what is known; safe twice.

    The number of queries is the same for one form and for ten.
    """
    hold_standing(ctx, (host.id, *(person.id for _item, person in chosen)))
    row = open_sitting(ctx, host.id)
    before = read_sitting(ctx, row.id)
    parts = before.parts if before else []
    names = name_people(ctx, host, parts, [person for _item, person in chosen])
    known = {(part.case.item_code, part.person.id) for part in parts}
    fresh = [one for one in dict.fromkeys(_keyed(chosen)) if (one[0].code, one[1]) not in known]
    people = {person.id: person for _item, person in chosen}
    forms = [(people[person_id], item.code, form_of(item.manifest)) for item, person_id in fresh]
    added: list[Part] = []
    for (item, person_id), filled in zip(fresh, prefill_together(ctx, forms), strict=True):
        case = new_case(ctx, item, people[person_id], row.id)
        draft = new_draft(ctx, case, filled)
        added.append(Part(case, draft, people[person_id], names[person_id]))
        draft.values = filled.values | _flags(added[-1])
    if not added:
        return before or Sitting(row, host)
    ctx.session.add_all(part.case for part in added)
    ctx.session.flush()
    everything = [(part, form_of(item.manifest)) for part, (item, _) in zip(added, fresh, strict=True)]
    for part in parts:
        held = catalogue.find(part.case.item_code, ctx.hub.division, ctx.clock.today())
        everything += [(part, form_of(held.manifest))] if held else []
    align(questions_of(sorted(everything, key=lambda one: one[0].role != "")))
    ctx.session.add_all(part.draft for part in [*added, *parts])
    ctx.session.flush()
    codes = sorted({part.case.item_code for part in added})
    record(ctx, "sitting.begin", person_id=host.id, subject=f"sitting:{row.id}", detail={"items": codes})
    return read_sitting(ctx, row.id) or Sitting(row, host)


def _keyed(chosen: Sequence[Choice]) -> list[tuple[Item, str]]:
    return [(item, person.id) for item, person in chosen]


def _flags(part: Part) -> dict[str, object]:
    """Say in the form for whom it is, and that somebody acts for the applicant."""
    return {WHO: part.who} | ({load_roles()[part.role].flag: True} if part.role else {})
