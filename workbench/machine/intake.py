"""Takes a case in from a machine, by the very verbs of the pages: begin, read, save, mark, accept. All or nothing."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from ..cases.models import CaseRow, DraftRow
from ..catalogue.form import Form, form_of
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..people.models import PersonRow
from ..people.register import get_standing
from ..reception.accept import CannotAccept, accept
from ..reception.draft import begin, save
from ..reception.judge import judge
from ..reception.materials import Standing, mark
from ..reception.read_form import read_fields
from ..store.context import Context
from ..store.problems import Problem, Problems
from ..web.services import services
from .answers import place_of, to_posted
from .items import open_item
from .orders import begin_order
from .shapes import Id, Shape

Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z_][a-z0-9_]*$")]


class NewCase(Shape):
    """One matter of one person. Values are keyed as the item's form says; what is left out stays as it is known."""

    idempotency_key: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
    person_id: Id
    item_code: Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{3}$")]
    values: dict[Key, JsonValue] = Field(default={}, max_length=500)
    #: Why a department's or document's value is overruled.
    reasons: dict[Key, Annotated[str, Field(min_length=1, max_length=200)]] = Field(default={}, max_length=100)
    materials: dict[Key, Literal["sighted", "promised", "late", "missing"]] = Field(default={}, max_length=100)
    has_agent: bool = False
    has_guardian: bool = False
    #: False keeps it as a draft of this token, to be completed by a later order.
    accept: bool


def take_in(ctx: Context, given: NewCase) -> tuple[CaseRow, list[Problem], bool]:
    """Take a case in once: gives it, what still hinders its acceptance, and whether it is new.

    Raises Problem or Problems; the caller's transaction then leaves no trace.
    """
    order = begin_order(ctx, given.idempotency_key, given)
    if order.case_id:
        case = ctx.session.get_one(CaseRow, order.case_id)
        return case, hindrances(ctx, case), False
    item, person = open_item(ctx, given.item_code), _standing(ctx, given.person_id)
    case = begin(ctx, item, person)
    draft = ctx.session.get_one(DraftRow, case.id)
    problems = _save(ctx, draft, form_of(item.manifest), given) | _mark(ctx, case, item, given.materials)
    ctx.session.flush()
    if problems:
        raise Problems([*problems.values(), *_others(hindrances(ctx, case), problems)])
    if given.accept:
        _accept(ctx, case, draft)
    order.case_id = case.id
    ctx.session.flush()
    return case, hindrances(ctx, case), True


def hindrances(ctx: Context, case: CaseRow) -> list[Problem]:
    """List what keeps a draft from being accepted; nothing for any other case."""
    draft = ctx.session.get(DraftRow, case.id) if case.state == "draft" else None
    if draft is None:
        return []
    installed = services().installed
    try:
        ready = judge(ctx, catalogue(installed), installed, case, draft)
    except Problem as stopped:  # its line was closed or its item withdrawn
        return [stopped]
    return _told(ready.problems, ready.missing)


def _standing(ctx: Context, person_id: str) -> PersonRow:
    try:
        return get_standing(ctx, person_id)
    except Problem as problem:
        raise problem.at("person_id") from None


def _save(ctx: Context, draft: DraftRow, form: Form, given: NewCase) -> dict[str, Problem]:
    """Keep the values; gives what is wrong with them, by place."""
    posted, problems = to_posted(given.values, form)
    read = read_fields(posted, form.fields, ctx.files.put)
    read.values |= {"_agent": given.has_agent, "_guardian": given.has_guardian}
    problems |= {key: problem.at(place_of(key)) for key, problem in read.problems.items()}
    for key in given.reasons.keys() - form.fields.keys():
        zh, en = "此事项没有这一项。", "This item has no such field."
        problems[f"reasons.{key}"] = Problem("unknown_field", zh, en, f"reasons.{key}")
    save(ctx, draft, form, read, dict(given.reasons))
    return {problem.field: problem for problem in problems.values()}


def _mark(ctx: Context, case: CaseRow, item: Item, materials: Mapping[str, str]) -> dict[str, Problem]:
    problems = {}
    for key, state in materials.items():
        try:
            mark(ctx, case, item.manifest, key, state)
        except Problem as problem:
            problems[f"materials.{key}"] = problem.at(f"materials.{key}")
    return problems


def _accept(ctx: Context, case: CaseRow, draft: DraftRow) -> None:
    installed = services().installed
    if known := hindrances(ctx, case):
        raise Problems(known)
    try:
        accept(ctx, catalogue(installed), installed, {case.id: draft.accept_key})
    except CannotAccept as refused:
        hindered = refused.hindered[case.id]
        raise Problems(_told(hindered.problems, hindered.missing)) from None
    ctx.session.expunge(draft)
    ctx.session.refresh(case)


def _told(problems: Mapping[str, Problem], missing: list[Standing]) -> list[Problem]:
    told = [problem.at(place_of(control)) for control, problem in problems.items()]
    zh, en = "缺少此材料。", "This material is missing."
    return told + [Problem("material_missing", zh, en, f"materials.{one.material.key}") for one in missing]


def _others(more: list[Problem], known: Mapping[str, Any]) -> list[Problem]:
    """Leave out what is told already; a control that could not be read is not also missing."""
    return [problem for problem in more if problem.field not in known]
