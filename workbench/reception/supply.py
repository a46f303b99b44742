"""Supplies a correction: a new frozen form beside the old one, the clock runs again, the department hears of it.

The number of the case stays; the form that was accepted first stays as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from ..api.manifest import ItemManifest, StepDelivery
from ..cases.held import refuse_untaken
from ..cases.models import CaseEventRow, CaseRow
from ..cases.moves import make_move, refuse_stale
from ..cases.send import deciding_platform, send
from ..cases.suspend import resume
from ..catalogue.form import Form, form_of
from ..delivery.enqueue import store_payload
from ..delivery.models import PayloadRow
from ..host.discover import Installed
from ..people.corrected import corrected
from ..people.facts import FactInput, record_facts
from ..people.models import PersonRow
from ..store.context import Context
from ..store.problems import Problem, Problems
from .check_form import find_missing, find_unexplained
from .materials import Standing, files_of, standings
from .prefill import own_key
from .rule_facts import known_facts, rule_facts


@dataclass(frozen=True, slots=True)
class Asked:
    """What a correction asks for: the words, who said them, and the field they are about ("" = any)."""

    text: str
    platform_id: str  # "" = somebody of ours
    who: str
    field: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A case that waits for a correction, with its frozen form and how its materials stand now."""

    case: CaseRow
    item: ItemManifest
    form: Form
    content: Mapping[str, Any]
    facts: Mapping[str, Any]
    standings: list[Standing]
    asked: Asked

    def open_fields(self) -> list[str]:
        """Name the fields that open: the one that was named, or all of them."""
        return [self.asked.field] if self.asked.field in self.form.fields else list(self.form.fields)


def read_correction(ctx: Context, case: CaseRow, item: ItemManifest) -> Correction:
    """Read what a correction needs."""
    content = ctx.session.get_one(PayloadRow, case.payload_id).content
    person, form = ctx.session.get_one(PersonRow, case.person_id), form_of(item)
    facts = rule_facts(known_facts(ctx, person), person, form, content["values"], ctx.clock.today())
    return Correction(case, item, form, content, facts, standings(ctx, case, item, facts), last_asked(ctx, case))


def last_asked(ctx: Context, case: CaseRow) -> Asked:
    """Give the newest request for a correction."""
    kinds = ("department_correction", "ask_correction")
    query = select(CaseEventRow).where(CaseEventRow.case_id == case.id, col(CaseEventRow.kind).in_(kinds))
    row = ctx.session.exec(query.order_by(col(CaseEventRow.id).desc()).limit(1)).first()
    if row is None:
        return Asked("", "", "", "", False)
    said, detail = row.detail.get("text") or row.detail.get("reason") or "", row.detail
    return Asked(
        said, detail.get("platform", ""), row.actor_name, detail.get("field", ""), bool(detail.get("rejected"))
    )


def last_supplied(ctx: Context, case_id: str) -> str:
    """Give the words with which a correction was supplied last, "" when none was. One query."""
    query = select(CaseEventRow.detail).where(CaseEventRow.case_id == case_id, CaseEventRow.kind == "supply")
    detail = ctx.session.exec(query.order_by(col(CaseEventRow.id).desc()).limit(1)).first()
    return str((detail or {}).get("reason", ""))


def supply(
    ctx: Context,
    installed: Installed,
    correction: Correction,
    changes: Mapping[str, Any],
    *,
    note: str,
    reasons: Mapping[str, str] | None = None,
    seen_version: int | None = None,
) -> list[str]:
    """Take a correction and send it to the platform that decides; gives the keys of the new parcels.

    Raises Problem when the case moved or the note is missing, Problems beside the fields.
    """
    case = correction.case
    refuse_stale(case, seen_version)
    refuse_untaken(ctx, case)
    allowed = set(correction.open_fields())
    changed = {key: value for key, value in changes.items() if key in allowed and _differs(correction, key, value)}
    content = _corrected(ctx, correction, changed, reasons or {})
    _refuse_incomplete(correction, content, changed)
    make_move(ctx, case, "supply", reason=note, fields=sorted(changed))
    case.payload_id = store_payload(ctx, content, replaces=case.payload_id)
    resume(ctx, case)
    _remember(ctx, correction, changed, content["origins"])
    ctx.session.flush()
    return send(ctx, installed, case, correction.item, _where_to(installed, correction.item))


def _differs(correction: Correction, key: str, value: Any) -> bool:
    old = correction.content["values"].get(key)
    return old != value and not (old in (None, "", []) and value in (None, "", []))


def _corrected(
    ctx: Context, correction: Correction, changed: Mapping[str, Any], reasons: Mapping[str, str]
) -> dict[str, Any]:
    """Make the new form: the old one with the changes, and the scans that are there now."""
    old = correction.content
    values = {key: value for key, value in {**old["values"], **changed}.items() if value not in (None, "", [])}
    origins = {key: dict(origin) for key, origin in (old.get("origins") or {}).items() if key in values}
    for key in changed.keys() & values.keys():
        origins[key] = _origin(ctx, origins.get(key), reasons.get(key, ""))
    files = files_of(standings(ctx, correction.case, correction.item, correction.facts))
    fresh = {file["material"] for file in files}
    kept = [file for file in old.get("files") or () if file.get("material") not in fresh]
    content = {"values": values, "origins": origins, "files": kept + files}
    return content | ({"decide": old["decide"]} if "decide" in old else {})


def _origin(ctx: Context, old: Mapping[str, Any] | None, reason: str) -> dict[str, Any]:
    """A changed value keeps the source it overrules, with the reason; otherwise it is the resident's word."""
    if old and old.get("rank") in ("department", "document"):
        return {**old, "reason": reason.strip(), "typed": True}
    as_of = ctx.clock.today().isoformat()
    return {"rank": "word", "source": "本人", "as_of": as_of, "held": None, "typed": True}


def _refuse_incomplete(correction: Correction, content: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
    missing = find_missing(correction.form, content["values"], {**correction.facts})
    own = {key: problem for key, problem in missing.items() if key.partition("-")[0] in changed}
    unexplained = find_unexplained(
        content["values"], {k: content["origins"][k] for k in changed if k in content["origins"]}
    )
    if problems := list((own | unexplained).values()):
        raise Problems(problems)


def _remember(
    ctx: Context, correction: Correction, changed: Mapping[str, Any], origins: Mapping[str, Mapping[str, Any]]
) -> None:
    """Record what was said, as at accept."""
    case, today, said = correction.case, ctx.clock.today(), []
    for key, value in changed.items():
        field = correction.form.fields[key]
        if value in (None, "", []) or field.type in ("signature", "image"):
            continue
        fact_key = field.fact or own_key(case.item_code, key)
        said.append(FactInput(fact_key, value, "word", "本人", today, str(origins[key].get("reason", ""))))
    record_facts(ctx, case.person_id, said, purpose=correction.item.purpose, case_id=case.id)
    corrected(ctx, case.person_id, [fact for fact in said if not fact.key.startswith("item.")], case.id)


def _where_to(installed: Installed, item: ItemManifest) -> tuple[StepDelivery, ...]:
    """Send to the platform that decides, as a supplement where it knows the word."""
    platform_id = deciding_platform(item)
    if not platform_id:
        return ()
    platform = installed.platform(platform_id)
    knows = platform is not None and platform.manifest is not None and "supply" in platform.manifest.operations
    return (StepDelivery(platform=platform_id, operation="supply" if knows else "apply"),)


def still_in_correction(case: CaseRow) -> None:
    """Raise Problem when a case does not wait for a correction."""
    if case.state != "correction":
        zh = "此办件目前不需要补正，请查看最新进度。"
        en = "This case does not wait for a correction. Look at it as it stands now."
        raise Problem("wrong_state", zh, en)
