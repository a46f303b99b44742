"""A means check starts when every adult of the household has authorised it, each for themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ..catalogue.form import Form, form_of
from ..catalogue.items import Item
from ..people.household_models import MeansConsentRow
from ..people.means_consent import Adult, adults_of, consent_row, unsigned
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import add

#: The table in which adults sign.
SIGNED = "authorize_members"
#: How long an authorisation signed on a form is for: its case.
FOR_A_CASE = timedelta(days=180)


def asks_consent(form: Form) -> bool:
    """Tell whether a form needs the authorisation of every adult."""
    return SIGNED in form.fields


def read_adults(ctx: Context, forms: Iterable[tuple[str | None, Item]]) -> dict[str, list[Adult]]:
    """Give the adults of the households whose means are checked. One query, none where no form asks."""
    homes = {home for home, item in forms if home and asks_consent(form_of(item.manifest))}
    return adults_of(ctx, homes) if homes else {}


def find_unsigned(form: Form, values: Mapping[str, Any], adults: Sequence[Adult]) -> dict[str, Problem]:
    """Name the adults whose authorisation is not there: neither signed on this form nor given before."""
    if not asks_consent(form):
        return {}
    left = unsigned(adults, _rows(values))
    if not left:
        return {}
    names = "、".join(one.name for one in left)
    zh = f"还缺成年家庭成员的核对授权：{names}。请其本人在此签名，或先在户页面登记其已签署的授权书。"
    en = f"The authorisation of these adults is missing: {names}. Let each sign here, or note the paper they signed"
    return {SIGNED: Problem("consent_missing", zh, f"{en} on the page of the household.", SIGNED)}


def spare_given(problems: dict[str, Problem], values: Mapping[str, Any], adults: Sequence[Adult]) -> None:
    """Ask no signature of an adult who gave an authorisation that still holds."""
    for number, row in enumerate(_rows(values)):
        if any(adult.until and _is(adult, row) for adult in adults):
            problems.pop(f"{SIGNED}-{number}-signature", None)


def with_given(values: Mapping[str, Any], adults: Sequence[Adult]) -> dict[str, Any]:
    """Give the answers that travel: who signed a paper before has signed."""
    if SIGNED not in values:
        return dict(values)
    rows = [
        {
            **row,
            "signature": row.get("signature") or ("paper" if any(a.until and _is(a, row) for a in adults) else None),
        }
        for row in _rows(values)
    ]
    return {**values, SIGNED: rows}


def _rows(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = values.get(SIGNED)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def given_words(adults: Sequence[Adult]) -> tuple[str, str]:
    """Name, in both languages, who need not sign again."""
    given = [adult for adult in adults if adult.until]
    zh, en = (("、", ", ")[n].join(f"{one.name}（{('至', 'until ')[n]}{one.until}）" for one in given) for n in (0, 1))
    return (f"已签授权书、不必再签：{zh}", f"Have signed already: {en}") if given else ("", "")


def note_consents(ctx: Context, signed: Iterable[tuple[str, Sequence[Adult], Mapping[str, Any]]]) -> None:
    """Keep who signed on the forms that are accepted: case, adults of the household, answers. One statement."""
    today, rows = ctx.clock.today(), []
    for case_id, adults, values in signed:
        given = [row for row in _rows(values) if row.get("signature")]
        for adult in adults:
            row = next((one for one in given if _is(adult, one)), None)
            if row is not None:
                way = "paper" if row["signature"] == "paper" else "screen"
                more = {"way": way, "case_id": case_id, "scope": ",".join(values.get("authorize_scope") or ())}
                rows.append(_EMPTY | consent_row(ctx, adult.person_id, today, today + FOR_A_CASE) | more)
    if rows:
        add(ctx.session, MeansConsentRow, rows)


_EMPTY = {"ended_at": None, "ended_by": "", "end_reason": ""}


def _is(adult: Adult, row: Mapping[str, Any]) -> bool:
    number = row.get("member_id_no")
    return bool(number == adult.id_no if number and adult.id_no else row.get("member_name") == adult.name)
