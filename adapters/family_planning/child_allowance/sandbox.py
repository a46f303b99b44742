"""The pretend child allowance system: takes claims into a queue, decides later, reports by itself if asked to."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from workbench.testing import http_department
from workbench.testing.changes import Change, ChangeList
from workbench.testing.department import DepartmentHome, Entry
from workbench.testing.http_department import Answered, Asked, answer_json, keep_secret, serve_http

from .callbacks import Callbacks

FAULTS = http_department.FAULTS | {
    "error_in_200": "answers every message with B5031 系统繁忙, inside HTTP 200",
    "expired_credentials": "accepts no signature",
    "clock_skew_seconds": "its clock is off by so many seconds, so that times are refused",
    "one_way": "takes claims but never decides and never reports: no result comes back",
    "no_callback": "does not call back",
    "duplicate_callback": "calls back twice",
    "forged_callback": "somebody else calls back: the signature is wrong",
    "stale_callback": "calls back with a time of an hour ago",
}
APPLICATION = "round-table"
SKEW_SECONDS = 300
STATE = {"accepted": "RECEIVED", "granted": "APPROVED", "refused": "REJECTED", "correction": "SUPPLEMENT"}
WORDS = {
    "accepted": "已受理",
    "granted": "审核通过，按年发放",
    "refused": "不符合申领条件",
    "correction": "出生医学证明编号有误",
}


class AllowanceSystem:
    """The system in front of its books."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.app_secret = keep_secret(home, "app_secret")
        self.callback_secret = keep_secret(home, "callback_secret")
        self.changes = ChangeList(home, self.decide)

    def settings(self, base_url: str) -> dict[str, str]:
        """Give what a caller needs."""
        return {
            "base_url": base_url,
            "app_id": APPLICATION,
            "app_secret": self.app_secret,
            "callback_secret": self.callback_secret,
        }

    def answer(self, asked: Asked) -> Answered:
        """Answer one request."""
        if not self.is_signed(asked):
            return failed("A4010", "签名或时间戳无效", status=401)
        if self.home.faults().get("error_in_200") and asked.path != "/health":
            return failed("B5031", "系统繁忙", status=200)
        match asked.method, asked.path:
            case "GET", "/health":
                return answer_json({"detail": ""})
            case "POST", "/claims":
                return self.take(json.loads(asked.body), asked.headers.get("x-callback-url", ""))
            case "GET", "/claims/changes":
                return self.list_changes(int(asked.query["after"]), int(asked.query["limit"]))
            case "GET", path if path.startswith("/claims/by-request/"):
                return self.find(unquote(path.rsplit("/", 1)[1]))
        return Answered(b"not found", 404, "text/plain")

    def is_signed(self, asked: Asked) -> bool:
        """Check time and signature."""
        faults, at = self.home.faults(), asked.headers.get("x-timestamp", "")
        now = time.time() + float(faults.get("clock_skew_seconds", 0))
        if faults.get("expired_credentials") or not at.isdigit() or abs(now - int(at) / 1000) > SKEW_SECONDS:
            return False
        query = "&".join(f"{name}={value}" for name, value in sorted(asked.query.items()))
        lines = (asked.method, asked.path, query, at, hashlib.sha256(asked.body).hexdigest())
        digest = hmac.new(self.app_secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(digest.encode(), asked.headers.get("x-signature", "").encode())

    def take(self, content: dict[str, Any], callback_url: str) -> Answered:
        """Queue a claim, once per request id."""
        trouble = trouble_of(content)
        if trouble:
            code, field, words = trouble
            return failed(code, words, field=field)
        message = content | {"callbackUrl": callback_url}
        entry, is_new = self.home.take(content["requestId"], content["caseNo"], "apply", message, prefix="YE")
        return answer_json(
            {
                "ticket": ticket_of(entry),
                "state": "QUEUED",
                "duplicate": not is_new,
                "claimNo": None if is_new else entry.reference,
                "receivedAt": iso(entry.taken_at),
            },
            202,
            took=True,
        )

    def find(self, key: str) -> Answered:
        """Say whether a request id is in the books."""
        entry = self.home.find(key, "apply")
        if entry is None:
            return failed("C4040", "无此申领", status=404)
        told = {"ticket": ticket_of(entry), "claimNo": entry.reference, "receivedAt": iso(entry.taken_at)}
        return answer_json(told)

    def list_changes(self, after: int, limit: int) -> Answered:
        """Give the changes after a number."""
        if self.home.faults().get("one_way"):
            return answer_json({"changes": [], "more": False})
        changes = self.changes.since(after, limit + 1)
        return answer_json({"changes": [change_json(c) for c in changes[:limit]], "more": len(changes) > limit})

    def decide(self) -> None:
        """Decide what is due, unless results never come back here."""
        if not self.home.faults().get("one_way"):
            self.home.decide_due()


def trouble_of(content: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Name what is wrong with a claim: code, field, words. A third year can be claimed until the child is four."""
    child = content["child"]
    if not child["name"]:
        return "C4001", "child.name", "婴幼儿姓名不能为空"
    born = child["birthDate"]
    if not born:
        return None
    try:
        years = (datetime.now(ZoneInfo("Asia/Shanghai")).date() - date.fromisoformat(born)).days / 365.25
    except ValueError:
        return "C4001", "child.birthDate", "婴幼儿出生日期不合规"
    return ("C4002", "child.birthDate", "已过申领期限") if years >= 4 else None


def ticket_of(entry: Entry) -> str:
    """Make the ticket of a claim; its number is a different one."""
    return f"T{hashlib.sha256(entry.key.encode()).hexdigest()[:12].upper()}"


def change_json(change: Change) -> dict[str, object]:
    entry = change.entry
    return {
        "seq": change.number,
        "requestId": entry.key,
        "claimNo": entry.reference,
        "state": STATE[change.status],
        "words": WORDS[change.status],
        "field": "child.birthCertNo" if change.status == "correction" else "",
        "at": iso(change.at),
    }


def failed(code: str, message: str, *, status: int = 422, field: str = "") -> Answered:
    return answer_json({"error": {"code": code, "message": message, "field": field}}, status)


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, ZoneInfo("Asia/Shanghai")).isoformat(timespec="seconds")


def serve(home: DepartmentHome) -> None:
    """Serve the system until the process is ended."""
    system = AllowanceSystem(home)
    callbacks = Callbacks(home, system.changes, system.callback_secret, change_json)
    threading.Thread(target=callbacks.run, daemon=True).start()
    serve_http(home, system.answer, system.settings)
