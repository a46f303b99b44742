"""Translates means checks: a parcel to the columns of EX_GDBS_SB, a row of PRE_TRANSACT to an outcome.

XML_DATA holds the whole form in GBK; characters outside are written as numeric
references (&#14019;), which XML keeps whole. Only plain columns need a spelling.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from adapters.code_map import of_ours, read_code_map
from adapters.transports.parts import LOCAL, form_of, materials_of, text_of
from workbench.api import BrokenPromise, Outcome, Parcel, Receipt, Refused

CODES = Path(__file__).parent / "codes"
ID_TYPE = read_code_map(CODES, "id_type")
SEX = read_code_map(CODES, "sex")
RESULT = read_code_map(CODES, "result")
CODE_OF_NAME = {name: code for code, name in RESULT.names.items()}

FIELDS = {
    "SXBM": "",
    "SXMC": "",
    "SQRMC": "name",
    "SQRZJLX": "id_type",
    "SQRZJHM": "id_no",
    "XZQHDM": "",
    "XML_DATA": "",
}
PERSON = {
    "XM": "name",
    "ZJHM": "id_no",
    "CSRQ": "birth_date",
    "LXDH": "phone",
    "HJQH": "hukou_division",
    "HJDZ": "hukou_address",
    "JZQH": "residence_division",
    "JZDZ": "residence_address",
}
MEMBER = {
    "XM": "member_name",
    "ZJHM": "member_id_no",
    "GX": "member_relation",
    "JKZK": "member_health",
    "CYZK": "member_employment",
    "YSR": "member_income",
    "CJ": "member_disability",
}
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
ODD_TIME = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:\D(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})(?:\.\d+)?)?")
#: No answer is older than this; systems write such dates for "none".
FIRST_YEAR = 2000


def encode(parcel: Parcel) -> dict[str, str]:
    """Translate a parcel to a report. Raises Refused for what the department cannot take."""
    values = parcel.values
    return {
        "SXBM": parcel.item_code,
        "SXMC": parcel.item_title,
        "SQRMC": text_of(values, "name"),
        "SQRZJLX": ID_TYPE.theirs(values.get("id_type"), "id_type"),
        "SQRZJHM": text_of(values, "id_no"),
        "XZQHDM": parcel.division,
        "XML_DATA": _document(parcel),
    }


def _document(parcel: Parcel) -> str:
    root, values = etree.Element("HDSQ"), parcel.values
    for name, text in (("JBR", parcel.worker_name), ("SLSJ", parcel.accepted_at.isoformat()), ("YJ", parcel.basis)):
        _write(root, name, text)
    applicant = etree.SubElement(root, "SQR")
    for name, field in PERSON.items():
        _write(applicant, name, values.get(field), field)
    _write(applicant, "ZJLX", ID_TYPE.theirs(values.get("id_type"), "id_type"))
    _write(applicant, "XB", SEX.theirs(values.get("sex"), "sex"))
    _write_members(root, values.get("household_members"))
    form = etree.SubElement(root, "FORM")
    for field, value in form_of(values, {*PERSON.values(), "id_type", "sex", "household_members"}).items():
        _write(form, "ITEM", value, field)
    _write(root, "CLQD", materials_of(parcel))
    document = etree.tostring(root, encoding="gbk", xml_declaration=False)
    return document if isinstance(document, str) else document.decode("gbk")


def _write_members(root: Any, members: object) -> None:
    household = etree.SubElement(root, "JTCY")
    for member in members if isinstance(members, list) else []:
        row = etree.SubElement(household, "CY")
        for name, field in MEMBER.items():
            _write(row, name, member.get(field), field)
        for field, value in form_of(member, MEMBER.values()).items():
            _write(row, "ITEM", value, field)


def _write(parent: Any, name: str, value: object, field: str = "") -> None:
    """Write any value as XML: a table as ROWs, a mapping as ITEMs with the key, all else as text."""
    node = etree.SubElement(parent, name, {"key": field} if name == "ITEM" else {})
    if isinstance(value, list | tuple):
        for row in value:
            _write(node, "ROW", row, field)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            _write(node, "ITEM", part, str(key))
    elif value is not None:
        try:
            node.text = str(value).lower() if isinstance(value, bool) else str(value)
        except ValueError as error:
            raise Refused(f"{field}: 含有不可见的控制字符 / holds control characters", "xml", field or None) from error


def decode_receipt(reply: object) -> Receipt:
    """A row is not answered at once."""
    return Receipt("queued")


def answered_version(row: Mapping[str, Any]) -> int | None:
    """Tell which version of our report a row answers; None where it does not say."""
    version = _extend(row).findtext("VERSION") or ""
    return int(version) if version.isdecimal() else None


def decode_outcomes(row: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Read one row of PRE_TRANSACT. Raises BrokenPromise for a half-written or unknown one."""
    extend = _extend(row)
    code, reference = _result(row), (extend.findtext("HDBH") or "").strip()
    if not reference:
        raise BrokenPromise("an answer has no number")
    status = RESULT.ours(code)
    outcome = Outcome(
        reference=reference,
        status=of_ours(status),
        at=read_odd_time(str(row["CTRTIME"] or "")),
        text=(extend.findtext("YJ") or "").strip() or RESULT.names[code],
        step="check" if status in ("granted", "refused") else "",
        raw_status=f"{row['NODECODE']}|{row['NODENAME']}",
        message_id=f"{row['UNID']}:{row['DATAVERSION']}",
    )
    return (outcome,)


def _extend(row: Mapping[str, Any]) -> Any:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", str(row["EXTEND"] or ""))
    try:
        return etree.fromstring(text, PARSER)
    except etree.XMLSyntaxError as error:
        raise BrokenPromise("an answer is only half there") from error


def _result(row: Mapping[str, Any]) -> str:
    """Find the result code; code and name come in either column, or both in one ("10 核对完成")."""
    found = {_code(str(row[column] or "")) for column in ("NODECODE", "NODENAME")} - {""}
    if len(found) != 1:
        raise BrokenPromise("an answer has no result code, or two")
    return found.pop()


def _code(text: str) -> str:
    first, _, _ = text.strip().partition(" ")
    return first if first in RESULT.by_theirs else CODE_OF_NAME.get(text.strip(), "")


def read_odd_time(text: str) -> datetime | None:
    """Read a time in any of their forms, such as "2026-1-2 0.0.0.0"; None for none and for placeholders."""
    match = ODD_TIME.match(text.strip())
    if not match:
        return None
    try:
        at = datetime(*(int(part or 0) for part in match.groups()), tzinfo=LOCAL)  # type: ignore[arg-type,misc]  # 6 parts
    except ValueError:
        return None
    return at.astimezone(UTC) if at.year >= FIRST_YEAR else None
