"""Translation for the child allowance system: 202 and a ticket now, states of the claim later.

States come by `collect` and, where a call-back address is set, also by call-back; both
carry the same message ids, so that the same news twice is stored once.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapters.code_map import CodeMap, of_ours, read_code_map
from adapters.transports.error_table import error_of
from adapters.transports.parts import LOCAL, form_of, materials_of, proof_of, read_iso, text_of
from adapters.transports.rest.calls import Call, Reply, json_call
from workbench.api import BrokenPromise, Outcome, Parcel, Receipt, Refused

from .signing import SignedBody, check_callback

CODES = Path(__file__).parent / "codes"
SEX, ID_TYPE, STATUS, CLAIMANT, CHILD, ERRORS = (
    read_code_map(CODES, name) for name in ("sex", "id_type", "status", "claimant", "child", "errors")
)
PAYEE = ("payee", "payee_account_type", "bank_code", "account_no", "is_social_card")
PAGE = 100
NO_RECORD = "C4040"
#: Statuses with an answer of the system inside.
SPOKEN = frozenset({200, 202, 400, 409, 422})
signing = SignedBody()


def encode(parcel: Parcel) -> Call:
    """Translate a claim."""
    if parcel.operation != "apply":
        raise Refused(f"育儿补贴系统不办理“{parcel.operation}”", code="operation")
    values = parcel.values
    content = {
        "requestId": parcel.key,
        "caseNo": parcel.case_no,
        "item": {"code": parcel.item_code, "version": parcel.item_version, "title": parcel.item_title},
        "hub": parcel.hub_id,
        "division": parcel.division,
        "acceptedAt": parcel.accepted_at.astimezone(LOCAL).isoformat(),
        "operator": parcel.worker_name,
        "basis": parcel.basis,
        "claimant": _person(values, CLAIMANT, ""),
        "child": _person(values, CHILD, "child_"),
        "payee": {key: text_of(values, key) for key in PAYEE if key in values},
        "form": form_of(values, (*CLAIMANT.by_ours, *CHILD.by_ours, *PAYEE)),
        "materials": materials_of(parcel),
    }
    return json_call("/claims", content, accepts=SPOKEN)


def _person(values: Mapping[str, object], fields: CodeMap, prefix: str) -> dict[str, str]:
    person = {theirs: text_of(values, ours) for ours, theirs in fields.by_ours.items()}
    person["sex"] = SEX.theirs(values.get(f"{prefix}sex"), f"{prefix}sex")
    person["certType"] = ID_TYPE.theirs(values.get(f"{prefix}id_type"), f"{prefix}id_type")
    return person


def content_of(reply: Reply) -> dict[str, Any]:
    """Read an answer; raises the error by recovery when one is inside, whatever the HTTP status says."""
    content = reply.json()
    error = content.get("error")
    if isinstance(error, dict):
        field = our_field(str(error.get("field", "")))
        raise error_of(ERRORS, str(error.get("code", "")), str(error.get("message", "")), field)
    if reply.status not in (200, 202):
        raise BrokenPromise(f"answered HTTP {reply.status} without saying why")
    return content


def our_field(path: str) -> str:
    """Translate `child.certNo` or `claimant.phone` to our key; "" for what we do not know."""
    part, _, name = path.partition(".")
    return {"claimant": CLAIMANT, "child": CHILD}.get(part, CHILD).by_theirs.get(name, "")


def decode_receipt(reply: Reply) -> Receipt:
    """Read the answer to a claim: a ticket only, which stays in the proof; the number comes by collect.

    A claim sent before is answered with the number it has by now.
    """
    content = content_of(reply)
    if reply.status != 202 or not isinstance(content.get("ticket"), str) or not content["ticket"]:
        raise BrokenPromise("the answer to a claim has no ticket")
    at, number = read_iso(str(content.get("receivedAt", ""))), str(content.get("claimNo") or "")
    if content.get("duplicate") and number:
        return Receipt("duplicate", number, at, reply.body)
    return Receipt("queued", "", at, reply.body)


def ask_found(key: str) -> Call:
    """Ask for the claim of one parcel key."""
    return Call("GET", f"/claims/by-request/{quote(key, safe='')}", accepts=SPOKEN | {404})


def decode_found(reply: Reply) -> Receipt | None:
    """Read the claim; none only when the system itself says that it has no record."""
    if reply.status == 404:
        error = reply.json().get("error")
        if not isinstance(error, dict) or error.get("code") != NO_RECORD:
            raise BrokenPromise("the address for finding claims is not known there")
        return None
    content = content_of(reply)
    if not content.get("ticket"):
        raise BrokenPromise("a claim was found without its ticket")
    at, number = read_iso(str(content.get("receivedAt", ""))), str(content.get("claimNo") or "")
    return Receipt("accepted" if number else "queued", number, at, reply.body)


def ask_outcomes(cursor: str) -> Call:
    """Ask for changes of state after the last number seen."""
    return Call("GET", "/claims/changes", {"after": cursor or "0", "limit": str(PAGE)}, accepts=SPOKEN)


def decode_outcomes(reply: Reply) -> tuple[Outcome, ...]:
    """Read changes in their order."""
    return outcomes_of(content_of(reply))


def outcomes_of(content: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Read the list of changes, as collected or as called back."""
    changes = content.get("changes")
    if not isinstance(changes, list) or not all(isinstance(change, dict) for change in changes):
        raise BrokenPromise("the answer has no list of changes")
    return tuple(_outcome(change) for change in changes)


def _outcome(change: dict[str, Any]) -> Outcome:
    status, number = STATUS.by_theirs.get(str(change.get("state"))), change.get("seq")
    if status is None or not isinstance(number, int):
        raise BrokenPromise("a change has a state that was never agreed")
    return Outcome(
        key=str(change.get("requestId", "")),
        reference=str(change.get("claimNo", "")),
        status=of_ours(status),
        at=read_iso(str(change.get("at", ""))),
        text=str(change.get("words", "")),
        field=our_field(str(change.get("field", ""))),
        raw_status=str(change["state"]),
        proof=proof_of(change),
        message_id=f"seq{number}",
    )


def decode_cursor(reply: Reply, cursor: str) -> tuple[str, bool]:
    """Give the last number seen and whether more wait."""
    content = content_of(reply)
    changes = content["changes"]
    return (str(changes[-1]["seq"]) if changes else cursor), bool(content.get("more"))


def verify_callback(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> tuple[Outcome, ...]:
    """Read a call-back; raises BrokenPromise for a forged, stale or unreadable one. The same one twice is safe."""
    message_id = check_callback(headers, body, secret, now)
    content = Reply(200, {"content-type": "application/json"}, body).json()
    if content.get("messageId") != message_id:
        raise BrokenPromise("a call-back carries two message ids")
    return outcomes_of(content)


def ask_health() -> Call:
    """Ask for a sign of life; carries nobody's data."""
    return Call("GET", "/health", accepts=SPOKEN)


def decode_health(reply: Reply) -> str:
    """Read the sign of life."""
    return str(content_of(reply).get("detail", ""))
