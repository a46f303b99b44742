"""Translation for the case gateway: every code is a string, and an answer has one of two shapes.

`biz_data` holds `rows` when there is something and `result` with words when there is not.
"""

import json
from pathlib import Path
from typing import Any

from adapters.code_map import of_ours, read_code_map
from adapters.transports.error_table import error_of
from adapters.transports.parts import LOCAL, form_of, materials_of, proof_of, read_local, text_of, write_local
from adapters.transports.rest.calls import Call, Reply, form_call
from workbench.api import BrokenPromise, Outcome, Parcel, Receipt, Refused, Task
from workbench.api.parcels import TASK_ANSWER, TASK_VALUES

from .signing import GatewaySigning

CODES = Path(__file__).parent / "codes"
SEX, ID_TYPE, STATUS, FIELDS, ERRORS, TASK_KIND, TASK_RESULT = (
    read_code_map(CODES, name) for name in ("sex", "id_type", "status", "fields", "errors", "task_kind", "task_result")
)
NOTHING = "无记录"
PAGE = 100
signing = GatewaySigning()


def encode(parcel: Parcel) -> Call:
    """Translate an application, its correction, or another department's opinion on one."""
    if parcel.operation == "apply":
        return ask("case/apply", _application(parcel))
    if parcel.operation == "supply":  # the whole form again, for the application they already have
        return ask("case/supply", _application(parcel))
    if parcel.operation == "opinion":
        return ask("case/opinion", _opinion(parcel))
    if parcel.operation == TASK_ANSWER:
        return ask("task/answer", _task_answer(parcel))
    raise Refused(f"民政网关不办理“{parcel.operation}”", code="operation")


def _head(parcel: Parcel) -> dict[str, Any]:
    return {
        "YWBJH": parcel.key,
        "AJBH": parcel.case_no,
        "SXBM": parcel.item_code,
        "SXBB": parcel.item_version,
        "SXMC": parcel.item_title,
        "ZDBM": parcel.hub_id,
        "XZQH": parcel.division,
        "SLSJ": write_local(parcel.accepted_at),
        "JBR": parcel.worker_name,
        "FLYJ": parcel.basis,
    }


def _application(parcel: Parcel) -> dict[str, Any]:
    values = parcel.values
    person = {theirs: text_of(values, ours) for ours, theirs in FIELDS.by_ours.items()}
    person["XB"] = SEX.theirs(values.get("sex"), "sex")
    person["ZJLX"] = ID_TYPE.theirs(values.get("id_type"), "id_type")
    person["CSRQ"] = person["CSRQ"].replace("-", "")
    return _head(parcel) | {
        "decide": text_of(values, "_decide") or "auto",
        "SQR": person,
        "BD": form_of(values, FIELDS.by_ours),
        "CL": materials_of(parcel),
    }


def _opinion(parcel: Parcel) -> dict[str, Any]:
    opinion = text_of(parcel.values, "opinion")
    if opinion not in ("agree", "disagree"):
        raise Refused("意见只能是同意或不同意", code="opinion", field="opinion")
    return _head(parcel) | {
        "opinion": opinion,
        "opinion_text": text_of(parcel.values, "opinion_text"),
        "BD": form_of(parcel.values, ("opinion", "opinion_text")),
        "CL": materials_of(parcel),
    }


def _task_answer(parcel: Parcel) -> dict[str, Any]:
    reference, result, words, done_on = (text_of(parcel.values, name) for name in TASK_VALUES)
    return {
        "YWBJH": parcel.key,
        "RWBH": reference,
        "ZDBM": parcel.hub_id,
        "CLJG": TASK_RESULT.theirs(result, "task.result"),
        "CLSM": words,
        "BLRQ": done_on.replace("-", ""),
        "JBR": parcel.worker_name,
    }


def ask(service: str, content: dict[str, Any]) -> Call:
    """Make the form POST of one service."""
    return form_call(f"/api/{service}", {"biz_content": json.dumps(content, ensure_ascii=False)})


def rows_of(reply: Reply) -> list[dict[str, str]]:
    """Read either shape of an answer; raises the error by recovery that a refusal means."""
    content = reply.json()
    code, data = content.get("code"), content.get("biz_data")
    if code == "2":
        field = data.get("field", "") if isinstance(data, dict) else ""
        raise Refused(str(content.get("msg", "")), code="2", field=FIELDS.by_theirs.get(field))
    if code == "0":
        raise error_of(ERRORS, str(content.get("msg", "")), "")
    if code != "1" or not isinstance(data, dict):
        raise BrokenPromise("the answer has no code of the protocol")
    if data.get("result") == NOTHING:
        return []
    rows = data.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BrokenPromise("the answer has neither rows nor a known result")
    return rows


def decode_receipt(reply: Reply) -> Receipt:
    """Read their number; anything without one is not a success."""
    rows = rows_of(reply)
    if len(rows) != 1:
        raise BrokenPromise("the answer to a message has no number")
    return _receipt(rows[0], reply)


def _receipt(row: dict[str, str], reply: Reply) -> Receipt:
    if not row.get("YWLSH"):
        raise BrokenPromise("the answer to a message has no number")
    at = read_local(row.get("JSSJ", ""))
    return Receipt("duplicate" if row.get("CFBZ") == "1" else "accepted", row["YWLSH"], at, reply.body)


def ask_found(key: str) -> Call:
    """Ask for the case of one parcel key."""
    return ask("case/query", {"YWBJH": key, "querytype": "1"})


def decode_found(reply: Reply) -> Receipt | None:
    """Read the case, or none when the gateway says that it has no record."""
    rows = rows_of(reply)
    return _receipt(rows[0], reply) if rows else None


def ask_outcomes(cursor: str) -> Call:
    """Ask for changes after the last number seen."""
    return ask("case/changes", {"after": cursor or "0", "limit": str(PAGE)})


def decode_outcomes(reply: Reply) -> tuple[Outcome, ...]:
    """Read changes in their order."""
    return tuple(_outcome(row) for row in rows_of(reply))


def _outcome(row: dict[str, str]) -> Outcome:
    status = STATUS.by_theirs.get(row.get("BLZT", ""))
    if status is None or not row.get("XH"):
        raise BrokenPromise("a change has a state that was never agreed")
    return Outcome(
        key=row.get("YWBJH", ""),
        reference=row.get("YWLSH", ""),
        status=of_ours(status),
        at=read_local(row.get("BLSJ", "")),
        text=row.get("BLYJ", ""),
        field=FIELDS.by_theirs.get(row.get("BZXM", ""), ""),
        raw_status=row["BLZT"],
        proof=proof_of(row),
        message_id=f"XH{row['XH']}",
    )


def decode_cursor(reply: Reply, cursor: str) -> tuple[str, bool]:
    """Give the last number seen and whether more may wait."""
    rows = rows_of(reply)
    return (rows[-1]["XH"] if rows else cursor), len(rows) >= PAGE


def ask_tasks(cursor: str) -> Call:
    """Ask for tasks after the last number seen."""
    return ask("task/list", {"after": cursor or "0", "limit": str(PAGE)})


def decode_tasks(reply: Reply) -> tuple[Task, ...]:
    """Read tasks in their order."""
    return tuple(_task(row) for row in rows_of(reply))


def _task(row: dict[str, str]) -> Task:
    if not (row.get("XH") and row.get("RWBH") and row.get("RWMC")):
        raise BrokenPromise("a task has no number, no reference or no title")
    at = read_local(row.get("JZRQ", "") + "000000") if row.get("JZRQ") else None
    return Task(
        reference=row["RWBH"],
        title=row["RWMC"],
        due=at.astimezone(LOCAL).date() if at else None,
        person_id_no=row.get("ZJHM", ""),
        detail={"说明": row["RWSM"]} if row.get("RWSM") else {},
        hub=row.get("ZDBM", ""),
        kind=of_ours(TASK_KIND.by_theirs.get(row.get("RWLX", ""), "other")),
        cursor=row["XH"],
    )


def ask_health() -> Call:
    """Ask for a sign of life; carries nobody's data."""
    return ask("ping", {})


def decode_health(reply: Reply) -> str:
    """Read the sign of life."""
    rows_of(reply)
    return ""
