"""Translation for the card registry: JSON both ways, `code` "0" means done, all else is in the error table."""

import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapters.code_map import of_ours, read_code_map
from adapters.transports.error_table import error_of
from adapters.transports.parts import LOCAL, form_of, materials_of, proof_of, read_iso, text_of
from adapters.transports.rest.calls import Call, Reply, json_call
from adapters.transports.rest.signing import ClientCredentials
from workbench.api import BrokenPromise, Outcome, Parcel, Question, Receipt, Refused
from workbench.api.parcels import Answer

CODES = Path(__file__).parent / "codes"
SEX, ID_TYPE, STATUS, FIELDS, FACTS, BANK, CARD_STATUS, ERRORS = (
    read_code_map(CODES, name)
    for name in ("sex", "id_type", "status", "fields", "facts", "bank", "card_status", "errors")
)
CARD_FIELDS = ("nationality", "occupation", "id_valid", "card_bank")
PAGE = 100
NO_RECORD = "E4040"
#: Statuses with an answer of the registry inside.
SPOKEN = frozenset({200, 201, 400, 409, 422})
signing = ClientCredentials("/oauth2/token", "registry")


def encode(parcel: Parcel) -> Call:
    """Translate a card application."""
    if parcel.operation != "apply":
        raise Refused(f"持卡库不办理“{parcel.operation}”", code="operation")
    values = parcel.values
    applicant = {theirs: text_of(values, ours) for ours, theirs in FIELDS.by_ours.items()}
    applicant["gender"] = SEX.theirs(values.get("sex"), "sex")
    applicant["certType"] = ID_TYPE.theirs(values.get("id_type"), "id_type")
    card = {key: text_of(values, key) for key in CARD_FIELDS}
    card["card_bank"] = BANK.theirs(values.get("card_bank"), "card_bank")
    content = {
        "requestId": parcel.key,
        "caseNo": parcel.case_no,
        "item": {"code": parcel.item_code, "version": parcel.item_version, "title": parcel.item_title},
        "hub": parcel.hub_id,
        "division": parcel.division,
        "acceptedAt": parcel.accepted_at.astimezone(LOCAL).isoformat(),
        "operator": parcel.worker_name,
        "basis": parcel.basis,
        "applicant": applicant,
        "card": card,
        "form": form_of(values, (*FIELDS.by_ours, *CARD_FIELDS)),
        "materials": materials_of(parcel),
    }
    return json_call("/v1/applications", content, headers={"Idempotency-Key": parcel.key}, accepts=SPOKEN)


def data_of(reply: Reply) -> dict[str, Any]:
    """Read what an answer holds; raises the error by recovery that its code means."""
    content = reply.json()
    code, data = content.get("code"), content.get("data")
    if not isinstance(code, str):
        raise BrokenPromise("the answer has no code")
    if code != "0":
        raise error_of(
            ERRORS, code, str(content.get("message", "")), FIELDS.by_theirs.get(content.get("field", ""), "")
        )
    if reply.status not in (200, 201) or not isinstance(data, dict):
        raise BrokenPromise("the answer says done but holds nothing")
    return data


def decode_receipt(reply: Reply) -> Receipt:
    """Read their number."""
    data = data_of(reply)
    number = data.get("applicationNo")
    if not isinstance(number, str) or not number:
        raise BrokenPromise("the answer to an application has no number")
    at = read_iso(str(data.get("receivedAt", "")))
    return Receipt("duplicate" if data.get("duplicate") else "accepted", number, at, reply.body)


def ask_found(key: str) -> Call:
    """Ask for the application of one parcel key."""
    return Call("GET", f"/v1/applications/by-request/{quote(key, safe='')}", accepts=SPOKEN | {404})


def decode_found(reply: Reply) -> Receipt | None:
    """Read the application; none only when the registry itself says that it has no record."""
    if reply.status == 404:
        # A wrong address answers 404 too, but not with this code.
        if reply.json().get("code") != NO_RECORD:
            raise BrokenPromise("the address for finding applications is not known there")
        return None
    return decode_receipt(reply)


def ask_outcomes(cursor: str) -> Call:
    """Ask for changes after the last number seen."""
    return Call("GET", "/v1/changes", {"after": cursor or "0", "limit": str(PAGE)}, accepts=SPOKEN)


def decode_outcomes(reply: Reply) -> tuple[Outcome, ...]:
    """Read changes in their order."""
    return tuple(_outcome(item) for item in _items(reply))


def _items(reply: Reply) -> list[dict[str, Any]]:
    items = data_of(reply).get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BrokenPromise("the answer has no list of items")
    return items


def _outcome(item: dict[str, Any]) -> Outcome:
    status, number = STATUS.by_theirs.get(str(item.get("status"))), item.get("seq")
    if status is None or not isinstance(number, int):
        raise BrokenPromise("a change has a state that was never agreed")
    return Outcome(
        key=str(item.get("requestId", "")),
        reference=str(item.get("applicationNo", "")),
        status=of_ours(status),
        at=read_iso(str(item.get("at", ""))),
        text=str(item.get("remark", "")),
        field=FIELDS.by_theirs.get(str(item.get("field", "")), ""),
        raw_status=str(item["status"]),
        proof=proof_of(item),
        message_id=f"seq{number}",
    )


def decode_cursor(reply: Reply, cursor: str) -> tuple[str, bool]:
    """Give the last number seen and whether more wait."""
    items = _items(reply)
    return (str(items[-1]["seq"]) if items else cursor), bool(data_of(reply).get("more"))


def ask_answers(question: Question) -> Call:
    """Ask about one person, by body so that no number stands in anybody's access log."""
    wanted = [FACTS.by_ours[key] for key in question.keys if key in FACTS.by_ours]
    content = {
        "name": question.person_name,
        "certNo": question.id_no,
        "items": wanted,
        "purpose": question.purpose,
        "hub": question.hub_id,
    }
    return json_call("/v1/cards/query", content, accepts=SPOKEN)


def decode_answers(reply: Reply, question: Question) -> tuple[Answer, ...]:
    """Read the answers to what was asked; a person unknown there has none."""
    answers = (_answer(item) for item in _items(reply))
    return tuple(answer for answer in answers if answer.key in question.keys)


def _answer(item: dict[str, Any]) -> Answer:
    key, raw = FACTS.ours(item.get("item")), str(item.get("value", ""))
    value: object = raw
    if key == "social_card.active":
        value = CARD_STATUS.ours(raw) == "yes"
    elif key == "bank.bank_code":
        value = BANK.ours(raw)
    if raw == "":
        raise BrokenPromise("an answer has no value")
    return Answer(key, value, read_day(str(item.get("asOf", ""))), raw)


def read_day(text: str) -> date | None:
    """Read a day, also in the odd spelling `2026-5-1 0.0.0.0` that such libraries export; "" is no day."""
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})( 0\.0\.0\.0)?", text)
    try:
        return date(*(int(part) for part in found.groups()[:3])) if found else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise BrokenPromise("a day is not written as agreed")


def ask_health() -> Call:
    """Ask for a sign of life; carries nobody's data."""
    return Call("GET", "/v1/status", accepts=SPOKEN)


def decode_health(reply: Reply) -> str:
    """Read the sign of life."""
    return str(data_of(reply).get("detail", ""))
