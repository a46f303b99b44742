"""Forms before they are accepted: begun with what is known, saved as they are typed, kept for their worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from ..cases.models import CaseRow, DraftRow
from ..catalogue.form import Form, form_of
from ..catalogue.items import Item
from ..identity.audit import record
from ..people.household_models import AuthorityRow
from ..people.models import PersonRow
from ..people.register import hold_standing
from ..store.context import Context
from ..store.ids import new_id
from ..store.locking import ALONE
from ..store.rows import prepare, run
from .prefill import Prefilled, prefill
from .read_form import Reading
from .sitting import open_sitting


def begin(ctx: Context, item: Item, person: PersonRow) -> CaseRow:
    """Open a form for a person, filled with what is known; the same item begun twice is the same form."""
    hold_standing(ctx, [person.id])
    sitting = open_sitting(ctx, person.id)
    started = select(CaseRow).where(
        CaseRow.reception_id == sitting.id,
        CaseRow.item_code == item.code,
        CaseRow.person_id == person.id,
        CaseRow.state == "draft",
    )
    if found := ctx.session.exec(started).first():
        return found
    case = new_case(ctx, item, person, sitting.id)
    ctx.session.add(case)
    ctx.session.flush()
    ctx.session.add(new_draft(ctx, case, prefill(ctx, person, item.code, form_of(item.manifest))))
    record(ctx, "case.begin", person_id=person.id, subject=f"case:{case.id}", purpose=item.manifest.purpose)
    return case


def new_case(ctx: Context, item: Item, person: PersonRow, sitting_id: str) -> CaseRow:
    """Make the row of a case that is not accepted yet."""
    now = ctx.clock.now()
    return CaseRow(
        id=new_id(),
        hub_id=ctx.hub.id,
        line_id=item.line_id,
        item_code=item.code,
        item_version=item.manifest.version,
        item_digest=item.digest,
        title_zh=item.manifest.title_zh,
        title_en=item.manifest.title_en,
        person_id=person.id,
        reception_id=sitting_id,
        owner_id=ctx.actor.id,
        created_at=now,
        updated_at=now,
    )


def new_draft(ctx: Context, case: CaseRow, filled: Prefilled) -> DraftRow:
    """Make the row of what is filled in so far."""
    return DraftRow(
        case_id=case.id,
        values=filled.values,
        origins=filled.origins,
        accept_key=new_id(),
        saved_at=ctx.clock.now(),
    )


def save(
    ctx: Context,
    draft: DraftRow,
    form: Form,
    reading: Reading,
    reasons: dict[str, str],
    shown_at: datetime | None = None,
) -> None:
    """Keep what was typed; values that differ from what was held become the resident's word, with the reason.

    An answer of a department that arrived after the page was drawn is not wiped out by its empty control.
    """
    values, origins = dict(draft.values or {}), {key: dict(o) for key, o in (draft.origins or {}).items()}
    for key, value in reading.values.items():
        if value is None and _came_after(origins.get(key, {}), shown_at):
            continue
        values[key] = value
        if key in origins:
            origins[key]["reason"] = reasons.get(key, origins[key].get("reason", ""))
        elif value not in (None, "", []):
            origins[key] = _said(ctx)
    draft.values, draft.origins = values, origins
    draft.saved_at = ctx.clock.now()
    draft.version += 1
    ctx.session.add(draft)


def _came_after(origin: Mapping[str, Any], shown_at: datetime | None) -> bool:
    arrived = origin.get("arrived")
    return bool(arrived and shown_at and datetime.fromisoformat(arrived) > shown_at)


def read_shown_at(posted: Mapping[str, str]) -> datetime | None:
    """Read when the page was drawn that sent a form."""
    try:
        return datetime.fromisoformat(posted.get("_shown_at", ""))
    except ValueError:
        return None


def _said(ctx: Context) -> dict[str, Any]:
    return {"rank": "word", "source": "本人", "as_of": ctx.clock.today().isoformat(), "held": None, "typed": True}


def get_draft(ctx: Context, case_id: str, *, lock: bool = False) -> tuple[CaseRow, DraftRow] | None:
    """Give a form of this worker at this hub; nobody else's."""
    case = ctx.session.get(CaseRow, case_id[:26], with_for_update=ALONE if lock else None)
    if case is None or case.hub_id != ctx.hub.id or case.owner_id != ctx.actor.id:
        return None
    draft = ctx.session.get(DraftRow, case.id, with_for_update=lock or None)
    return (case, draft) if draft is not None else None


FORM = prepare(
    select_columns(
        *(col(getattr(CaseRow, name)) for name in CaseRow.model_fields if name != "version"),
        *(col(getattr(DraftRow, name)) for name in ("values", "origins", "accept_key", "saved_at")),
        exists().where(col(AuthorityRow.person_id) == col(CaseRow.person_id)).label("has_authority"),
    )
    .outerjoin(DraftRow, col(DraftRow.case_id) == col(CaseRow.id))
    .where(col(CaseRow.id) == bindparam("case"), col(CaseRow.hub_id) == bindparam("hub"))
)


def look_at_form(ctx: Context, case_id: str) -> Any:
    """Give a case of this hub with its form, for reading; None where there is none. One query.

    Its columns have the names they have in CaseRow and DraftRow, so that it stands for both.
    """
    return run(ctx.session, FORM, case=case_id[:26], hub=ctx.hub.id).first()


def discard(ctx: Context, case: CaseRow, draft: DraftRow) -> None:
    """Give a form up; its row stays as voided."""
    case.state, case.updated_at = "voided", ctx.clock.now()
    ctx.session.delete(draft)
    record(ctx, "case.discard", person_id=case.person_id, subject=f"case:{case.id}")
