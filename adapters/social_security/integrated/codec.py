"""Translation for the integrated system: typed envelopes, and `errorFlag` in every answer.

00 done, 01 sign-on failed, 02 content wrong, 03 sent before (with the first number), 04 busy.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.code_map import of_ours, read_code_map
from adapters.transports.error_table import error_of
from adapters.transports.parts import form_of, proof_of, read_local, text_of, write_local
from adapters.transports.soap.calls import SoapCall, SoapFault, SoapReply
from workbench.api import AdapterError, BrokenPromise, File, Outcome, Parcel, Receipt, Refused

WSDL = Path(__file__).parent / "service.wsdl"
CODES = Path(__file__).parent / "codes"
SEX, ID_TYPE, STATUS, FIELDS, ERRORS = (
    read_code_map(CODES, name) for name in ("sex", "id_type", "status", "fields", "errors")
)
TIME = "%Y-%m-%d %H:%M:%S"
PAGE = 100
MAX_ATTACHED = 10 * 1024 * 1024
DONE, SENT_BEFORE = "00", "03"
#: Characters that no XML document can hold.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def credential(settings: Mapping[str, Any], call: SoapCall, now: datetime) -> dict[str, Any]:
    """Give the header: user, time, and HMAC-SHA256(password, user + time + transCode) in hex."""
    user, at = str(settings["user_id"]), round(now.timestamp() * 1000)
    text = f"{user}{at}{call.values['transCode']}"
    digest = hmac.new(str(settings["password"]).encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"credential": {"userId": user, "timestamp": at, "digest": digest}}


def encode(parcel: Parcel) -> SoapCall:
    """Translate an application with its attachments."""
    if parcel.operation != "apply":
        raise Refused(f"人社一体化系统不办理“{parcel.operation}”", code="operation")
    values = parcel.values
    person = {theirs: sayable(ours, text_of(values, ours)) for ours, theirs in FIELDS.by_ours.items()}
    person["aac004"] = SEX.theirs(values.get("sex"), "sex")
    person["aac058"] = ID_TYPE.theirs(values.get("id_type"), "id_type")
    person["aac006"] = person["aac006"].replace("-", "")
    content = {
        "transCode": f"{parcel.item_code.replace('-', '')}_APPLY",
        "head": _head(parcel),
        "person": person,
        "form": row_of(form_of(values, FIELDS.by_ours)),
        "attachment": attachments_of(parcel.files),
    }
    return SoapCall("submit", content)


def _head(parcel: Parcel) -> dict[str, str]:
    return {
        "requestId": parcel.key,
        "caseNo": parcel.case_no,
        "itemCode": parcel.item_code,
        "itemVersion": parcel.item_version,
        "itemName": parcel.item_title,
        "hub": parcel.hub_id,
        "division": parcel.division,
        "acceptTime": write_local(parcel.accepted_at, TIME),
        "operator": parcel.worker_name,
        "basis": parcel.basis,
    }


def row_of(values: Mapping[str, object]) -> dict[str, Any]:
    """Write values as entries, so that tables inside tables fit too."""
    return {"entry": [entry_of(key, value) for key, value in values.items()]}


def entry_of(key: str, value: object) -> dict[str, Any]:
    """Write one value with its kind: text, number, bool, empty, object, table, or list of plain values."""
    match value:
        case None:
            return {"key": key, "kind": "empty"}
        case bool():
            return {"key": key, "kind": "bool", "value": "true" if value else "false"}
        case int() | float():
            return {"key": key, "kind": "number", "value": str(value)}
        case Mapping():
            return {"key": key, "kind": "object", "row": [row_of(value)]}
        case list() | tuple() if all(isinstance(part, Mapping) for part in value):
            return {"key": key, "kind": "table", "row": [row_of(part) for part in value]}
        case list() | tuple():
            return {"key": key, "kind": "list", "row": [{"entry": [entry_of("", part)]} for part in value]}
    return {"key": key, "kind": "text", "value": sayable(key, str(value))}


def sayable(key: str, text: str) -> str:
    """Give the text back; raises Refused when XML cannot hold it."""
    if UNSAYABLE.search(text):
        raise Refused("内容含有不可见的控制字符，请重新填写", code="character", field=key)
    return text


def attachments_of(files: tuple[File, ...]) -> list[dict[str, Any]]:
    """Attach each file with its bytes; raises Refused when all together are too many."""
    if sum(file.size for file in files) > MAX_ATTACHED:
        raise Refused("附件合计超过 10 MiB，请压缩后重新报送", code="attachment")
    return [
        {
            "name": file.name,
            "material": file.material,
            "mediaType": file.media_type,
            "sha256": file.digest,
            "content": bytes_of(file),
        }
        for file in files
    ]


def bytes_of(file: File) -> bytes | None:
    """Read a file and prove that it is still the one the parcel names."""
    if file.read is None:
        return None
    try:
        content = file.read()
    except OSError as error:
        raise BrokenPromise("a file of this parcel cannot be read") from error
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise BrokenPromise("a file of this parcel is not the one it names")
    return content


def flag_of(reply: SoapReply) -> str:
    """Read `errorFlag`; raises the error by recovery for all but done and sent before."""
    flag = str(reply.values.get("errorFlag", ""))
    if flag in (DONE, SENT_BEFORE):
        return flag
    field = FIELDS.by_theirs.get(str(reply.values.get("field") or ""), "")
    raise error_of(ERRORS, flag, str(reply.values.get("errorText") or ""), field)


def read_fault(fault: SoapFault) -> AdapterError | None:
    """Read a fault that names an `errorFlag`; None leaves it to the general rule."""
    flag = fault.detail.get("errorFlag", "")
    return error_of(ERRORS, flag, fault.text) if flag in ERRORS.by_theirs else None


def decode_receipt(reply: SoapReply) -> Receipt:
    """Read their number; "sent before" carries the first one."""
    flag, number = flag_of(reply), reply.values.get("serialNo")
    if not number:
        raise BrokenPromise("the answer to an application has no number")
    at = read_local(str(reply.values.get("receiveTime") or ""), TIME)
    return Receipt("duplicate" if flag == SENT_BEFORE else "accepted", str(number), at, reply.body)


def ask_found(key: str) -> SoapCall:
    """Ask for the case of one parcel key."""
    return SoapCall("query", {"transCode": "QUERY", "requestId": key})


def decode_found(reply: SoapReply) -> Receipt | None:
    """Read the case; none only when the system says plainly that it has none."""
    flag_of(reply)
    if reply.values.get("found") is False:
        return None
    return decode_receipt(reply)


def ask_outcomes(cursor: str) -> SoapCall:
    """Ask for changes after the last number seen."""
    return SoapCall("changes", {"transCode": "CHANGES", "after": int(cursor or "0"), "limit": PAGE})


def decode_outcomes(reply: SoapReply) -> tuple[Outcome, ...]:
    """Read changes in their order."""
    flag_of(reply)
    return tuple(_outcome(change) for change in reply.values.get("change") or ())


def _outcome(change: Mapping[str, Any]) -> Outcome:
    status, number = STATUS.by_theirs.get(str(change.get("state"))), change.get("number")
    if status is None or number is None:
        raise BrokenPromise("a change has a state that was never agreed")
    return Outcome(
        key=str(change.get("requestId") or ""),
        reference=str(change.get("serialNo") or ""),
        status=of_ours(status),
        at=read_local(str(change.get("changeTime") or ""), TIME),
        text=str(change.get("words") or ""),
        field=FIELDS.by_theirs.get(str(change.get("field") or ""), ""),
        raw_status=str(change["state"]),
        proof=proof_of(change),
        message_id=f"number{number}",
    )


def decode_cursor(reply: SoapReply, cursor: str) -> tuple[str, bool]:
    """Give the last number seen and whether more wait."""
    changes = reply.values.get("change") or ()
    return (str(changes[-1]["number"]) if changes else cursor), bool(reply.values.get("more"))


def ask_health() -> SoapCall:
    """Ask for a sign of life; carries nobody's data."""
    return SoapCall("ping", {"transCode": "PING"})


def decode_health(reply: SoapReply) -> str:
    """Read the sign of life."""
    flag_of(reply)
    return ""
