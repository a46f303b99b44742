"""The pretend case gateway: lends secrets, checks signatures and clocks, keeps the department's books.

It reads the protocol on its own and shares no code with the adapter. A secret is derived
from the hour it was lent in, so that a restart forgets nothing.
"""

import base64
import hashlib
import hmac
import json
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from workbench.testing import http_department
from workbench.testing.changes import Change, ChangeList
from workbench.testing.department import Assigned, DepartmentHome, Entry
from workbench.testing.http_department import Answered, Asked, answer_json, keep_secret, serve_http

FAULTS = http_department.FAULTS | {
    "error_in_200": "answers every message with code 0 and 系统繁忙, inside HTTP 200",
    "expired_credentials": "refuses every signature as 签名过期",
    "rotate_secret": "any new value makes the secrets lent so far useless",
    "clock_skew_seconds": "its clock is off by so many seconds, so that times are refused",
    "no_number": "says code 1 but gives no number",
}
REQUESTER, SERVICE = "HUB01", "SVC900"
SECRET_SECONDS, SKEW_SECONDS = 3600, 300
STATUS = {"accepted": "01", "granted": "04", "refused": "05", "correction": "03"}
#: The item whose people are checked every year.
CHECKED = "MZ-001"
FINAL = ("granted", "refused")
TASK_KIND = {"review": "01", "yearly_check": "02", "list": "03"}
TASK_RESULT = {"1": "done", "2": "returned"}
WORDS = {"accepted": "已接收", "granted": "准予", "refused": "不符合条件", "correction": "联系电话有误，请补正"}


class Gateway:
    """The gateway in front of the department's books."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.app_key = keep_secret(home, "app_key", 16)
        self.changes = ChangeList(home, self.decide)
        self.services = {
            "/api/ping": self.ping,
            "/api/case/apply": self.apply,
            "/api/case/supply": self.supply,
            "/api/case/opinion": self.opinion,
            "/api/case/query": self.query,
            "/api/case/changes": self.list_changes,
            "/api/task/list": self.list_tasks,
            "/api/task/answer": self.answer_task,
        }

    def settings(self, base_url: str) -> dict[str, str]:
        """Give what a caller needs."""
        return {"base_url": base_url, "app_id": REQUESTER, "service_id": SERVICE, "app_key": self.app_key}

    def answer(self, asked: Asked) -> Answered:
        """Answer one request: the token by itself, all else once the signature holds."""
        if asked.path == "/api/token":
            return self.lend(asked)
        trouble = self.distrust(asked)
        if trouble:
            return failed(trouble)
        service = self.services.get(asked.path)
        if service is None:
            return failed("服务不存在")
        if self.home.faults().get("error_in_200") and asked.path != "/api/ping":
            return failed("系统繁忙")
        return service(json.loads(asked.form()["biz_content"]))

    def lend(self, asked: Asked) -> Answered:
        """Lend a secret; `code` is a number here and a string everywhere else."""
        if asked.headers.get("gjgxjhpt_rid") != REQUESTER or not self.is_signed(asked, [self.app_key]):
            return answer_json({"code": 1, "msg": "请求方未授权"})
        hour = int(time.time() // SECRET_SECONDS)
        ends_at = (hour + 1) * SECRET_SECONDS * 1000
        return answer_json(
            {"code": 0, "data": {"secret": self.seal(self.secret_of(hour)), "secretEndTime": str(ends_at)}}
        )

    def distrust(self, asked: Asked) -> str:
        """Say what is wrong with a signature, or nothing."""
        faults = self.home.faults()
        now = time.time() + float(faults.get("clock_skew_seconds", 0))
        at = asked.headers.get("gjgxjhpt_rtime", "")
        if not at.isdigit() or abs(now - int(at) / 1000) > SKEW_SECONDS:
            return "时间戳超出允许范围"
        hour = int(time.time() // SECRET_SECONDS)
        if faults.get("expired_credentials") or not self.is_signed(
            asked, [self.secret_of(hour), self.secret_of(hour - 1)]
        ):
            return "签名过期"
        return ""

    def is_signed(self, asked: Asked, secrets: list[str]) -> bool:
        """Check the signature with any of these secrets."""
        text = "".join(asked.headers.get(f"gjgxjhpt_{part}", "") for part in ("sid", "rid", "rtime")).encode()
        given = asked.headers.get("gjgxjhpt_sign", "").encode()
        digests = (hmac.new(secret.encode(), text, hashlib.sha256).digest() for secret in secrets)
        return any(hmac.compare_digest(base64.b64encode(digest), given) for digest in digests)

    def secret_of(self, hour: int) -> str:
        salt = self.home.faults().get("rotate_secret", "")
        return hashlib.sha256(f"{self.app_key}{hour}{salt}".encode()).hexdigest()

    def seal(self, secret: str) -> str:
        padder = PKCS7(128).padder()
        padded = padder.update(secret.encode()) + padder.finalize()
        sealer = Cipher(algorithms.AES(self.app_key.encode()), modes.ECB()).encryptor()  # noqa: S305 - the protocol
        return base64.b64encode(sealer.update(padded) + sealer.finalize()).decode()

    def ping(self, content: dict[str, Any]) -> Answered:
        return listed([{"JSSJ": wall_clock(time.time())}])

    def apply(self, content: dict[str, Any]) -> Answered:
        """Take an application, once per key."""
        field = wrong_field(content)
        if field:
            return answer_json({"code": "2", "msg": f"申请人信息不完整：{field}", "biz_data": {"field": field}})
        waits = content.get("decide") == "after_opinion"
        return self.take(content, "apply", decide=not waits)

    def supply(self, content: dict[str, Any]) -> Answered:
        """Take the corrected form of an application it sent back; both are then decided as one."""
        first = self.home.by_case(content["AJBH"], "apply")
        if first is None:
            return failed("未找到业务件")
        if field := wrong_field(content):
            return answer_json({"code": "2", "msg": f"申请人信息不完整：{field}", "biz_data": {"field": field}})
        if first.status == "correction":
            self.home.decide(first.key, "accepted")
        waits = content.get("decide") == "after_opinion"
        return self.take(content, "supply", decide=not waits)

    def opinion(self, content: dict[str, Any]) -> Answered:
        """Take another department's opinion on an application it already has."""
        if self.home.by_case(content["AJBH"], "apply") is None:
            return failed("未找到业务件")
        return self.take(content, "opinion", decide=False)

    def take(self, content: dict[str, Any], operation: str, *, decide: bool) -> Answered:
        entry, is_new = self.home.take(
            content["YWBJH"], content["AJBH"], operation, content, prefix="MZ", decide=decide
        )
        if self.home.faults().get("no_number"):
            return answer_json({"code": "1", "msg": "ok", "biz_data": {"rows": [{}]}}, took=True)
        return listed([row_of(entry, is_new)], took=True)

    def query(self, content: dict[str, Any]) -> Answered:
        """Say whether a key is in the books."""
        entry = self.home.find(content["YWBJH"])
        return listed([row_of(entry, True)] if entry else [])

    def list_changes(self, content: dict[str, Any]) -> Answered:
        """Give the changes after a number."""
        changes = self.changes.since(int(content["after"]), int(content["limit"]))
        return listed([change_row(change) for change in changes])

    def list_tasks(self, content: dict[str, Any]) -> Answered:
        """Give the tasks after a number; whoever was granted dibao is to be checked once a year."""
        known = {task.reference for task in self.home.tasks_after(0, -1)}
        for entry in self.home.entries("apply"):
            if entry.status == "granted" and entry.message["SXBM"] == CHECKED and f"RW{entry.reference}" not in known:
                self.home.assign(yearly_check(entry))
        found = self.home.tasks_after(int(content["after"]), int(content["limit"]))
        return listed([task_row(task) for task in found])

    def answer_task(self, content: dict[str, Any]) -> Answered:
        """Take the answer to a task, once per key."""
        result = TASK_RESULT.get(content["CLJG"])
        if result is None or not self.home.answer_task(content["RWBH"], result):
            return answer_json({"code": "2", "msg": "没有这项任务", "biz_data": {}})
        return self.take(content | {"AJBH": content["RWBH"]}, "task_answer", decide=False)

    def decide(self) -> None:
        """Decide what is due; what waits for an opinion, once that opinion is old enough."""
        self.home.decide_due()
        due = time.time() - self.home.decides_after
        self.decide_together()
        opinions = {e.case_no: e.message["opinion"] for e in self.home.entries("opinion") if e.taken_at <= due}
        if not opinions:
            return
        applied = self.home.entries("apply")
        faults = self.home.faults()  # after the look: a switch turned before an application came holds for it
        for entry in applied:
            if entry.status == "accepted" and entry.decide_at == 0 and entry.case_no in opinions:
                self.home.decide(entry.key, decision(opinions[entry.case_no], entry, faults))

    def decide_together(self) -> None:
        """Give an application and its correction the same decision, whichever was decided first."""
        for supplied in self.home.entries("supply"):
            first = self.home.by_case(supplied.case_no, "apply")
            if first is None:
                continue
            for one, other in ((supplied, first), (first, supplied)):
                if one.status in FINAL and other.status not in FINAL:
                    self.home.decide(other.key, one.status)


def decision(opinion: str, entry: Entry, faults: dict[str, Any]) -> str:
    """Follow a disagreeing opinion; otherwise decide as always."""
    if opinion == "disagree" or entry.case_no in faults.get("refuse", ()):
        return "refused"
    return "correction" if entry.case_no in faults.get("correction", ()) else "granted"


def wrong_field(content: dict[str, Any]) -> str:
    """Name the first field of the applicant that cannot be true, such as a placeholder."""
    person = content["SQR"]
    if not person.get("XM"):
        return "XM"
    if person.get("ZJLX") in ("", "01") and len(person.get("ZJHM", "")) != 18:
        return "ZJHM"
    return "LXDH" if person.get("LXDH") == "1" else ""


def row_of(entry: Entry, is_new: bool) -> dict[str, str]:
    return {
        "YWBJH": entry.key,
        "YWLSH": entry.reference,
        "BLZT": STATUS[entry.status],
        "JSSJ": wall_clock(entry.taken_at),
        "CFBZ": "0" if is_new else "1",
    }


def yearly_check(entry: Entry) -> Assigned:
    """Give the task that goes to the hub a matter came from."""
    due = datetime.fromtimestamp(entry.taken_at, ZoneInfo("Asia/Shanghai")) + timedelta(days=30)
    person = entry.message["SQR"]
    note = "请入户核对家庭人口、收入和财产有无变化，办结后回报。"
    title = "最低生活保障年度核查"
    return Assigned(
        f"RW{entry.reference}", entry.message["ZDBM"], "yearly_check", title, f"{due:%Y-%m-%d}", person["ZJHM"], note
    )


def task_row(task: Assigned) -> dict[str, str]:
    return {
        "XH": str(task.number),
        "RWBH": task.reference,
        "RWLX": TASK_KIND.get(task.kind, "09"),
        "RWMC": task.title,
        "ZDBM": task.hub,
        "ZJHM": task.id_no,
        "JZRQ": task.due.replace("-", ""),
        "RWSM": task.note,
    }


def change_row(change: Change) -> dict[str, str]:
    entry = change.entry
    row = {"XH": str(change.number), "YWBJH": entry.key, "YWLSH": entry.reference, "AJBH": entry.case_no}
    row |= {"BLZT": STATUS[change.status], "BLYJ": WORDS[change.status], "BLSJ": wall_clock(change.at)}
    if entry.operation == "opinion":
        row["BLYJ"] = "意见已登记"
    elif change.status == "refused" and entry.message.get("decide") == "after_opinion":
        row["BLYJ"] = "相关部门不同意，不予办理"
    return row | ({"BZXM": "LXDH"} if change.status == "correction" else {})


def listed(rows: list[dict[str, str]], *, took: bool = False) -> Answered:
    data = {"rows": rows} if rows else {"result": "无记录"}
    return answer_json({"code": "1", "msg": "ok", "biz_data": data}, took=took)


def failed(text: str) -> Answered:
    return answer_json({"code": "0", "msg": text})


def wall_clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, ZoneInfo('Asia/Shanghai')):%Y%m%d%H%M%S}"


def serve(home: DepartmentHome) -> None:
    """Serve the gateway until the process is ended."""
    gateway = Gateway(home)
    serve_http(home, gateway.answer, gateway.settings)
