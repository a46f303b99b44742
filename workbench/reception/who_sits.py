"""Who sits at the table: the resident, or somebody who may act for them by a document that was seen.

The form keeps what the authority said when it was chosen; the receipt and the case say it too.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ..cases.models import DraftRow
from ..catalogue.form import Form
from ..people.authority import standing_authorities
from ..people.household_models import AuthorityRow
from ..store.context import Context
from ..store.problems import Problem
from .read_form import Reading

#: The answer of a draft that says by which authority somebody sits here.
SITS = "_sits"
RESIDENT, OTHER = "resident", "other"
FLAGS = {"agent": "_agent", "guardian": "_guardian"}
Snapshot = dict[str, Any]


def read_sits(
    ctx: Context, person_id: str, posted: Mapping[str, str], form: Form
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read who sits here: gives answers with their origins. Nothing where the form did not ask.

    Somebody with an authority on file fills the fields about the agent or guardian from it.
    """
    choice = posted.get(SITS, "")
    if not choice:
        return {}, {}
    found = next((one for one in standing_authorities(ctx, person_id) if one.id == choice), None)
    if found is None:
        return {SITS: None, "_agent": choice == OTHER}, {}
    flags = {"_agent": found.kind == "agent"} | ({"_guardian": True} if found.kind == "guardian" else {})
    told = {"name": found.name, "id_no": found.id_no, "phone": found.phone, "relation": found.relation}
    named = {f"{found.kind}_{key}": value for key, value in told.items()}
    values = {key: value for key, value in named.items() if key in form.fields and value}
    day = found.from_day.isoformat()
    origins = {
        key: {"rank": "document", "source": found.proof, "as_of": day, "held": value} for key, value in values.items()
    }
    return {SITS: snapshot(found), **flags, **values}, origins


def take_sits(
    ctx: Context, draft: DraftRow, form: Form, reading: Reading, posted: Mapping[str, str], person_id: str
) -> None:
    """Let a form follow who sits here: the flags, and what the authority says of who acts where that is new."""
    values, origins = read_sits(ctx, person_id, posted, form)
    before, now = (draft.values or {}).get(SITS), values.get(SITS)
    is_same = isinstance(before, Mapping) and isinstance(now, Mapping) and before["id"] == now["id"]
    if is_same:
        values = {key: value for key, value in values.items() if key.startswith("_")}
    else:
        draft.origins = {**(draft.origins or {}), **origins}
    if isinstance(before, Mapping) and before["kind"] == "guardian" and now is None and values:
        values["_guardian"] = False
    reading.values.update(values)


def snapshot(row: AuthorityRow) -> Snapshot:
    """Say by which authority somebody acts, as it stood on the day."""
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "id_masked": row.id_masked,
        "relation": row.relation,
        "proof": row.proof,
        "scope": row.scope,
        "from": row.from_day.isoformat(),
        "until": row.until_day.isoformat() if row.until_day else "",
    }


def find_unauthorised(values: Mapping[str, Any], item_code: str, today: date) -> dict[str, Problem]:
    """Refuse an authority that is over, or is for other matters."""
    sits = values.get(SITS)
    if not isinstance(sits, Mapping):
        return {}
    if sits["until"] and sits["until"] < today.isoformat():
        zh, en = "该授权已到期。请查看新的证明并重新登记。", "This authority has ended. See a new document and note it."
        return {SITS: Problem("authority_over", zh, en, SITS)}
    if sits["scope"] and item_code not in sits["scope"].split(","):
        zh, en = (
            "该授权不含此事项。请由本人办理，或登记新的授权。",
            "This authority is not for this item. The resident comes",
        )
        return {SITS: Problem("authority_scope", zh, f"{en}, or a new authority is noted.", SITS)}
    return {}


def who_came(values: Mapping[str, Any]) -> Snapshot | None:
    """Say who came for the applicant, for the receipt and the case; None when it was the applicant."""
    sits = values.get(SITS)
    if isinstance(sits, Mapping):
        return dict(sits)
    for kind, flag in FLAGS.items():
        if values.get(flag) and values.get(f"{kind}_name"):
            told = {key: values.get(f"{kind}_{key}") or "" for key in ("name", "relation")}
            return {"kind": kind, "id_masked": "", "proof": "", "scope": "", "from": "", "until": "", **told}
    return None


def offered(ctx: Context, person_id: str, values: Mapping[str, Any]) -> Sequence[tuple[Snapshot, bool]]:
    """Give who may sit here for the resident, each with whether it is the one chosen."""
    sits = values.get(SITS)
    chosen = sits.get("id") if isinstance(sits, Mapping) else None
    return [(snapshot(row), row.id == chosen) for row in standing_authorities(ctx, person_id)]
