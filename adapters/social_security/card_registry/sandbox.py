"""The pretend card registry: tokens, applications, and cards that follow from the ID number alone."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, unquote_plus
from zoneinfo import ZoneInfo

from workbench.testing import http_department
from workbench.testing.changes import Change, ChangeList
from workbench.testing.department import DepartmentHome, Entry
from workbench.testing.http_department import Answered, Asked, answer_json, keep_secret, serve_http

FAULTS = http_department.FAULTS | {
    "error_in_200": "answers every message with E2001 系统繁忙, inside HTTP 200",
    "expired_credentials": "the client secret has expired: no token is given and none is accepted",
    "rotate_secret": "any new value makes the tokens given so far useless (401)",
    "month_end": "answers E2002: closed for settlement at the end of the month",
    "has_card": "refuses applications with E1002: holds a valid card already",
    "odd_dates": "writes days as 2026-5-1 0.0.0.0",
}
CLIENT = "round-table"
TOKEN_SECONDS = 600
STATUS = {"accepted": "RECEIVED", "granted": "ISSUED", "refused": "DENIED", "correction": "RETURNED"}
REMARK = {
    "accepted": "已接收",
    "granted": "卡已制成，请到服务银行领取",
    "refused": "不符合申领条件",
    "correction": "手机号码有误",
}
BANKS = ("102", "103", "104", "105", "301", "403")


class Registry:
    """The registry in front of its books."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.client_secret = keep_secret(home, "client_secret")
        self.changes = ChangeList(home)

    def settings(self, base_url: str) -> dict[str, str]:
        """Give what a caller needs."""
        return {"base_url": base_url, "client_id": CLIENT, "client_secret": self.client_secret}

    def answer(self, asked: Asked) -> Answered:
        """Answer one request."""
        if asked.path == "/oauth2/token":
            return self.give_token(asked)
        if not self.is_valid(asked.headers.get("authorization", "")):
            return answer_json({"code": "E0401", "message": "令牌无效或已过期"}, 401)
        faults = self.home.faults()
        if faults.get("error_in_200") and asked.path != "/v1/status":
            return failed("E2001", "系统繁忙", status=200)
        if faults.get("month_end") and asked.path != "/v1/status":
            return failed("E2002", "月末结算，暂停服务", status=200)
        return self.route(asked)

    def route(self, asked: Asked) -> Answered:
        match asked.method, asked.path:
            case "GET", "/v1/status":
                return done({"detail": ""})
            case "POST", "/v1/applications":
                return self.apply(json.loads(asked.body))
            case "GET", "/v1/changes":
                return self.list_changes(int(asked.query["after"]), int(asked.query["limit"]))
            case "POST", "/v1/cards/query":
                return self.query(json.loads(asked.body))
            case "GET", path if path.startswith("/v1/applications/by-request/"):
                return self.find(unquote(path.rsplit("/", 1)[1]))
        return Answered(b"not found", 404, "text/plain")

    def give_token(self, asked: Asked) -> Answered:
        """Give a token that says itself when it ends, so that a restart forgets none."""
        kind, _, pair = asked.headers.get("authorization", "").partition(" ")
        client, _, secret = base64.b64decode(pair).decode().partition(":") if kind == "Basic" else ("", "", "")
        known = hmac.compare_digest(unquote_plus(secret).encode(), self.client_secret.encode())
        if self.home.faults().get("expired_credentials") or client != CLIENT or not known:
            return answer_json({"error": "invalid_client"}, 401)
        ends_at = str(int(time.time()) + TOKEN_SECONDS)
        token = f"{ends_at}.{self.seal(ends_at)}"
        return answer_json({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def seal(self, ends_at: str) -> str:
        text = f"{ends_at}{self.home.faults().get('rotate_secret', '')}"
        return hmac.new(self.client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def is_valid(self, header: str) -> bool:
        """Check a bearer token."""
        ends_at, _, seal = header.removeprefix("Bearer ").partition(".")
        if self.home.faults().get("expired_credentials") or not ends_at.isdigit():
            return False
        return int(ends_at) > time.time() and hmac.compare_digest(seal.encode(), self.seal(ends_at).encode())

    def apply(self, content: Mapping[str, Any]) -> Answered:
        """Take an application, once per request id."""
        applicant = content["applicant"]
        for field in ("name", "certNo", "mobile"):
            if applicant.get(field, "") in ("", "1"):
                return failed("E1001", f"{field} 不合规", field=field)
        if self.home.faults().get("has_card"):
            return failed("E1002", "已持有有效社会保障卡，请办理补换卡", status=409)
        entry, is_new = self.home.take(content["requestId"], content["caseNo"], "apply", content, prefix="SBK")
        return done(entry_json(entry) | {"duplicate": not is_new}, 201 if is_new else 200, took=True)

    def find(self, key: str) -> Answered:
        """Say whether a request id is in the books."""
        entry = self.home.find(key, "apply")
        return done(entry_json(entry)) if entry else failed("E4040", "无此申请", status=404)

    def list_changes(self, after: int, limit: int) -> Answered:
        """Give the changes after a number."""
        changes = self.changes.since(after, limit + 1)
        return done({"items": [change_json(change) for change in changes[:limit]], "more": len(changes) > limit})

    def query(self, content: Mapping[str, Any]) -> Answered:
        """Say what the registry holds about a person; needs a purpose."""
        if not content.get("purpose"):
            return failed("E1001", "查询须说明用途", field="purpose")
        as_of, card = card_of(content["certNo"])
        day = f"{as_of.year}-{as_of.month}-{as_of.day} 0.0.0.0" if self.home.faults().get("odd_dates") else str(as_of)
        items = [{"item": item, "value": card[item], "asOf": day} for item in content["items"] if item in card]
        return done({"items": items})


def card_of(id_no: str) -> tuple[date, dict[str, str]]:
    """Make up the card of a person from the ID number alone; two in ten have none.

    Account numbers begin with 99, which no bank has.
    """
    digest = hashlib.sha256(id_no.encode()).digest()
    as_of = date(2026, 1, 1) + timedelta(days=digest[1])
    if digest[0] % 10 < 2:
        return as_of, {}
    digits = str(int.from_bytes(digest[2:12], "big")).zfill(20)
    return as_of, {
        "cardStatus": "2" if digest[0] % 10 == 2 else "1",
        "accountNo": with_check_digit("990000" + digits[:12]),
        "bankCode": BANKS[digest[12] % len(BANKS)],
        "mobile": "1990000" + digits[12:16],
    }


def with_check_digit(digits: str) -> str:
    """Add the check digit of a bank card number (Luhn)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return digits + str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def entry_json(entry: Entry) -> dict[str, object]:
    return {
        "applicationNo": entry.reference,
        "requestId": entry.key,
        "status": STATUS[entry.status],
        "receivedAt": iso(entry.taken_at),
    }


def change_json(change: Change) -> dict[str, object]:
    return entry_json(change.entry) | {
        "seq": change.number,
        "status": STATUS[change.status],
        "at": iso(change.at),
        "remark": REMARK[change.status],
        "field": "mobile" if change.status == "correction" else "",
    }


def done(data: object, status: int = 200, *, took: bool = False) -> Answered:
    return answer_json({"code": "0", "message": "成功", "data": data}, status, took=took)


def failed(code: str, message: str, *, status: int = 422, field: str = "") -> Answered:
    return answer_json({"code": code, "message": message, "field": field}, status)


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, ZoneInfo("Asia/Shanghai")).isoformat(timespec="seconds")


def serve(home: DepartmentHome) -> None:
    """Serve the registry until the process is ended."""
    registry = Registry(home)
    serve_http(home, registry.answer, registry.settings)
