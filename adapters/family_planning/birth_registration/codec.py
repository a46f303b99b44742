"""Translates birth registrations: a parcel to a row under Chinese headings, a reply file to outcomes.

Dates are written as the department writes them (2025/7/1). What has no column of its own
goes as JSON into 附加信息, where characters outside GBK are escaped and so not lost.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from adapters.code_map import of_ours, read_code_map
from adapters.transports.charset import Spelling
from adapters.transports.parts import form_of, write_local
from workbench.api import BrokenPromise, Outcome, Parcel, Receipt, Refused

CHARSET = "gbk"
SHANGHAI = ZoneInfo("Asia/Shanghai")
CODES = Path(__file__).parent / "codes"
ID_TYPE = read_code_map(CODES, "id_type")
SEX = read_code_map(CODES, "sex")
MARITAL_STATUS = read_code_map(CODES, "marital_status")
RESULT = read_code_map(CODES, "result")

COLUMNS = {
    "姓名": "name",
    "证件类型": "id_type",
    "证件号码": "id_no",
    "性别": "sex",
    "出生日期": "birth_date",
    "联系电话": "phone",
    "户籍地区划": "hukou_division",
    "户籍地址": "hukou_address",
    "居住地区划": "residence_division",
    "居住地址": "residence_address",
    "婚姻状况": "marital_status",
    "配偶姓名": "spouse_name",
    "配偶证件号码": "spouse_id_no",
    "配偶户籍地": "spouse_hukou",
    "结婚日期": "marriage_date",
    "结婚证字号": "marriage_cert_no",
    "登记孩次": "birth_order",
    "预产期": "due_date",
    "末次月经": "last_menses",
}
FIELDS = {**COLUMNS, "经办人": "worker_name"}
MAPS = {"id_type": ID_TYPE, "sex": SEX, "marital_status": MARITAL_STATUS}
DATES = frozenset({"birth_date", "marriage_date", "due_date", "last_menses"})
NOTE = "备注"
REPLY = re.compile(r"SYDJ_[0-9A-Z]+_HZ\d\d\.csv")


def file_name(key: str) -> str:
    """Name the upload of a parcel."""
    return f"SYDJ_{key}.csv"


def reply_names(key: str) -> tuple[str, ...]:
    """Name the replies to a parcel: HZ00 taken without a number yet, HZ01 taken, HZ02 decided."""
    return tuple(f"SYDJ_{key}_HZ{number:02}.csv" for number in range(3))


def is_reply(name: str) -> bool:
    """Tell whether a file is a reply to a birth registration."""
    return REPLY.fullmatch(name) is not None


def encode(parcel: Parcel) -> dict[str, str]:
    """Translate a parcel to one row. Raises Refused for a code or date the department cannot take."""
    row = {"流水号": parcel.key, "办件编号": parcel.case_no, "行政区划": parcel.division, "事项": parcel.item_title}
    row |= {heading: _text(parcel.values.get(field), field) for heading, field in COLUMNS.items()}
    row["经办人"] = parcel.worker_name
    row["受理时间"] = write_local(parcel.accepted_at, "%Y/%m/%d %H:%M:%S")
    row["材料"] = ";".join(f"{file.material or file.name}:{file.digest}" for file in parcel.files)
    row["附加信息"] = _remainder(parcel.values)
    row[NOTE] = ""
    return row


def _text(value: object, field: str) -> str:
    if value in ("", None):
        return ""
    if field in MAPS:
        return MAPS[field].theirs(value, field)
    return _their_date(str(value), field) if field in DATES else str(value)


def _their_date(text: str, field: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{field}: 日期格式不对 / not a date", code="date", field=field) from error
    return f"{day.year}/{day.month}/{day.day}"


def _remainder(values: Mapping[str, object]) -> str:
    """Write every value without a column of its own, and every one its column cannot spell."""
    gbk = Spelling(CHARSET, "keep")
    spelled = [key for key in COLUMNS.values() if not gbk.lacking(str(values.get(key, "")))]
    extra = form_of(values, spelled)
    text = json.dumps(extra, ensure_ascii=False, sort_keys=True, default=str) if extra else ""
    return "".join(letter if gbk.holds(letter) else json.dumps(letter)[1:-1] for letter in text)


def decode_receipt(reply: object) -> Receipt:
    """An upload is answered by a file, later."""
    return Receipt("queued")


def decode_outcomes(reply: tuple[str, bytes]) -> tuple[Outcome, ...]:
    """Read one reply file, which may hold many rows. Raises BrokenPromise for what is not one."""
    name, content = reply
    try:
        text = content.decode(CHARSET)
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenPromise(f"{name} is not a table in {CHARSET.upper()}") from error
    if not rows:
        raise BrokenPromise(f"{name} holds no rows")
    return tuple(_outcome(name, number, row, content) for number, row in enumerate(rows, 1))


def _outcome(name: str, number: int, row: Mapping[str, str | None], content: bytes) -> Outcome:
    key, code = row.get("流水号") or "", row.get("结果代码") or ""
    if not key or code not in RESULT.by_theirs:
        raise BrokenPromise(f"{name} row {number} has no serial number or an unknown result code")
    status = RESULT.by_theirs[code]
    reference = row.get("受理号") or ""
    if status == "accepted" and not reference:
        raise BrokenPromise(f"{name} row {number} accepts without a number")
    return Outcome(
        key=key,
        reference=reference,
        status=of_ours(status),
        at=_our_time(row.get("办理时间") or ""),
        text=row.get("结果说明") or RESULT.names[code],
        step="conclude" if status in ("granted", "refused") else "",
        field=COLUMNS.get(row.get("退回栏目") or "", ""),
        raw_status=f"{code} {row.get('结果说明') or ''}".strip(),
        proof=content,
        message_id=f"{PurePosixPath(name).stem}#{number}",
    )


def _our_time(text: str) -> datetime | None:
    for form in ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI).astimezone(UTC)
        except ValueError:
            continue
    return None
