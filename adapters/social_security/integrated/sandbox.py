"""The pretend integrated system: a SOAP server that holds every message against the schema of the WSDL.

It is written from the WSDL alone and shares no code with the adapter.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from workbench.testing import http_department
from workbench.testing.changes import Change, ChangeList
from workbench.testing.department import DepartmentHome, Entry
from workbench.testing.http_department import Answered, Asked, keep_secret, serve_http

from .envelopes import (
    TNS,
    WSDL,
    WrongMessage,
    answer_element,
    envelope_bytes,
    fault_element,
    name_of,
    read_message,
    read_schema,
    text_at,
    text_of,
)

FAULTS = http_department.FAULTS | {
    "error_in_200": "answers every message with errorFlag 04 系统繁忙, inside HTTP 200",
    "expired_credentials": "answers errorFlag 01: the password has expired",
    "clock_skew_seconds": "its clock is off by so many seconds, so that times are refused",
    "soap_fault": "answers soap:Server 系统内部错误 before it takes anything",
    "fault_after_taking": "takes the matter, then answers soap:Server 系统内部错误",
    "busy_fault": "answers a soap:Fault whose detail says errorFlag 04",
    "gbk": "answers in GBK and says so in the XML declaration",
    "entities": "answers with a document type and an entity that reads a file",
    "off_schema": "answers an element its WSDL does not know",
}
PATH = "/services/CaseExchange"
USER = "hub01"
SKEW_SECONDS = 300
STATE = {"accepted": "10", "granted": "40", "refused": "50", "correction": "30"}
WORDS = {
    "accepted": "已接收",
    "granted": "审核通过",
    "refused": "不符合办理条件",
    "correction": "联系电话无法接通",
}


class CaseExchange:
    """The service in front of the department's books."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.password = keep_secret(home, "password")
        self.changes = ChangeList(home)
        self.schema = read_schema()
        self.operations = {"submit": self.submit, "query": self.query, "changes": self.list_changes, "ping": self.ping}

    def settings(self, base_url: str) -> dict[str, str]:
        """Give what a caller needs."""
        return {"base_url": base_url, "user_id": USER, "password": self.password}

    def answer(self, asked: Asked) -> Answered:
        """Answer one request; the WSDL itself for `?wsdl`."""
        if asked.path != PATH:
            return Answered(b"not found", 404, "text/plain")
        if asked.method == "GET":
            return Answered(WSDL.read_bytes(), content_type="text/xml; charset=utf-8")
        try:
            header, message = read_message(asked.body, self.schema)
        except WrongMessage as wrong:
            return self.fault("Client", f"报文不符合 WSDL：{wrong}")
        return self.serve_operation(header, message)

    def serve_operation(self, header: Mapping[str, str], message: Any) -> Answered:
        faults, name = self.home.faults(), name_of(message)
        if faults.get("soap_fault"):
            return self.fault("Server", "系统内部错误")
        if faults.get("busy_fault"):
            return self.fault("Server", "系统繁忙，请稍后再试", flag="04")
        if not self.is_genuine(header, message):
            return self.tell(name, {"errorFlag": "01", "errorText": "身份验证失败"})
        if faults.get("error_in_200") and name != "ping":
            return self.tell(name, {"errorFlag": "04", "errorText": "系统繁忙"})
        return self.operations[name](message)

    def is_genuine(self, header: Mapping[str, str], message: Any) -> bool:
        """Check user, time and digest."""
        faults = self.home.faults()
        user, at = header.get("userId", ""), header.get("timestamp", "")
        now = time.time() + float(faults.get("clock_skew_seconds", 0))
        if faults.get("expired_credentials") or user != USER:
            return False
        if not at.isdigit() or abs(now - int(at) / 1000) > SKEW_SECONDS:
            return False
        text = f"{user}{at}{text_at(message, 'transCode')}"
        digest = hmac.new(self.password.encode(), text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(digest.encode(), header.get("digest", "").encode())

    def submit(self, message: Any) -> Answered:
        """Take an application, once per request id."""
        if len(text_at(message, "person/aac147")) < 9 or not text_at(message, "person/aac003"):
            return self.tell("submit", {"errorFlag": "02", "errorText": "证件号码不合规", "field": "aac147"})
        for attachment in message.findall(f"{{{TNS}}}attachment"):
            if attachment.find(f"{{{TNS}}}content") is None:
                return self.tell("submit", {"errorFlag": "02", "errorText": "附件缺失"})
        key, case_no = text_at(message, "head/requestId"), text_at(message, "head/caseNo")
        content = {"xml": text_of(message)}
        entry, is_new = self.home.take(key, case_no, "apply", content, prefix="RS")
        if self.home.faults().get("fault_after_taking"):
            return self.fault("Server", "系统内部错误", took=True)
        flag, words = ("00", "成功") if is_new else ("03", "重复报送")
        return self.tell("submit", {"errorFlag": flag, "errorText": words} | receipt_of(entry), took=True)

    def query(self, message: Any) -> Answered:
        """Say whether a request id is in the books."""
        entry = self.home.find(text_at(message, "requestId"), "apply")
        found: dict[str, object] = {"errorFlag": "00", "errorText": "成功", "found": "true" if entry else "false"}
        return self.tell("query", found | (receipt_of(entry) if entry else {}))

    def list_changes(self, message: Any) -> Answered:
        """Give the changes after a number."""
        limit = int(text_at(message, "limit"))
        changes = self.changes.since(int(text_at(message, "after")), limit + 1)
        told: dict[str, object] = {"errorFlag": "00", "errorText": "成功"}
        told |= {"more": "true" if len(changes) > limit else "false", "change": [change_of(c) for c in changes[:limit]]}
        return self.tell("changes", told)

    def ping(self, message: Any) -> Answered:
        return self.tell("ping", {"errorFlag": "00", "errorText": "成功"})

    def tell(self, operation: str, values: Mapping[str, object], *, took: bool = False) -> Answered:
        """Answer an operation."""
        name = f"{operation}Response"
        if self.home.faults().get("off_schema"):
            name, values = "somethingElse", {"flag": "00"}
        return self.envelope(answer_element(name, values), 200, took=took)

    def fault(self, code: str, words: str, *, flag: str = "", took: bool = False) -> Answered:
        """Answer a soap:Fault; its words are Chinese."""
        return self.envelope(fault_element(code, words, flag), 500, took=took)

    def envelope(self, content: Any, status: int, *, took: bool) -> Answered:
        faults = self.home.faults()
        charset = "GBK" if faults.get("gbk") else "UTF-8"
        body = envelope_bytes(content, charset, with_entity=bool(faults.get("entities")))
        return Answered(body, status, f"text/xml; charset={charset.lower()}", took=took)


def receipt_of(entry: Entry) -> dict[str, object]:
    return {"serialNo": entry.reference, "receiveTime": wall_clock(entry.taken_at)}


def change_of(change: Change) -> dict[str, object]:
    return {
        "number": change.number,
        "requestId": change.entry.key,
        "serialNo": change.entry.reference,
        "state": STATE[change.status],
        "words": WORDS[change.status],
        "field": "aae005" if change.status == "correction" else "",
        "changeTime": wall_clock(change.at),
    }


def wall_clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}"


def serve(home: DepartmentHome) -> None:
    """Serve the system until the process is ended."""
    exchange = CaseExchange(home)
    serve_http(home, exchange.answer, exchange.settings)
