"""The pretend national platform: a site of web pages that a person could use as well.

Sign in, choose a business, fill the form, look at it once more and confirm; then there is
a number. Matters can be queried, and a list shows every change. Nothing else exists.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from workbench.testing.department import DepartmentHome
from workbench.testing.web_program import COMMON_FAULTS, Shown, Visit, WebProgram

from . import sandbox_pages as pages
from .sandbox_journal import Journal

FAULTS = COMMON_FAULTS | {
    "error_in_200": "shows a system error on an ordinary page; a text such as E777 is used as its code",
    "layout_changed": "renames the ID number on the application form; the text version raises the version instead",
    "month_end_stop": "takes no new matters, as in the days of settlement; queries go on",
    "swapped_columns": "prints state and number in each other's columns",
    "echo_swapped": "understands name and ID number the wrong way round",
}
STATES = {
    "accepted": "受理中",
    "granted": "已办结",
    "refused": "不予办理",
    "correction": "退回补正",
    "assessed": "评定完成",
}
OPINIONS = {
    "accepted": "已受理",
    "granted": "符合条件，准予办理",
    "refused": "不符合条件",
    "correction": "材料不全，请补正",
    "assessed": "指定机构评定完成，转社区公示",
}
USER = "jd_shequ01"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ROWS = 20


class Platform:
    """The pages of the running site."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.journal = Journal(home)
        self.web = WebProgram(home, self.show, self.sign_in, "gbk")
        self.password, self.seal = self._kept("password"), self._kept("seal")

    def _kept(self, name: str) -> str:
        path = self.home.folder / name
        if not path.exists():
            path.write_text(secrets.token_urlsafe(12))
        return path.read_text()

    def serve(self) -> None:
        """Listen, and announce address and account."""
        account = {"username": USER, "password": self.password}
        self.web.serve(lambda port: self.home.announce({"base_url": f"http://127.0.0.1:{port}/"} | account, port=port))

    def _page(self, title: str, body: str, notice: str = "", *, signed_on: bool = True) -> str:
        raised = self.home.faults().get("layout_changed") == "version"
        version = "V2025.1" if raised else pages.VERSION
        return pages.page(title, body, notice=notice, version=version, signed_on=signed_on)

    def _state(self, data: Mapping[str, str]) -> dict[str, str]:
        view = base64.b64encode(json.dumps(dict(data), ensure_ascii=False).encode()).decode()
        return {"__VIEWSTATE": view, "__EVENTVALIDATION": self._sign(view)}

    def _sign(self, view: str) -> str:
        return hmac.new(self.seal.encode(), view.encode(), hashlib.sha256).hexdigest()

    def _read_state(self, form: Mapping[str, str]) -> dict[str, str] | None:
        view = form.get("__VIEWSTATE", "")
        if not hmac.compare_digest(self._sign(view), form.get("__EVENTVALIDATION", "")):
            return None
        return dict(json.loads(base64.b64decode(view)))

    def sign_in(self, visit: Visit) -> Shown:
        """The only page for strangers; any other address leads here."""
        if visit.path != "/login.aspx":
            return Shown(go_to="/login.aspx")
        notice = ""
        if visit.sends:
            if self.home.faults().get("expired_credentials"):
                notice = "[E402] 密码已过期，请联系管理员重置"
            elif (visit.form.get("txtYhm"), visit.form.get("txtMm")) == (USER, self.password):
                return Shown(go_to="/main.aspx", signs_on=USER)
            else:
                notice = "[E401] 用户名或密码错误"
        rows = pages.text_row("txtYhm", "用户名") + pages.text_row("txtMm", "密码", kind="password")
        form = pages.form("login.aspx", self._state({}), f"<table>{rows}</table>", "登录")
        return Shown(self._page("用户登录", form, notice, signed_on=False))

    def show(self, visit: Visit) -> Shown:
        """The pages behind the sign-on."""
        error = self.home.faults().get("error_in_200")
        if error and visit.path != "/login.aspx":
            code = error if isinstance(error, str) else "E900"
            return Shown(self._page("系统提示", "", f"[{code}] 系统错误：数据库连接数已满，请稍后再试"))
        known = {
            "/apply.aspx": self.apply,
            "/confirm.aspx": self.confirm,
            "/query.aspx": self.query,
            "/list.aspx": self.list,
            "/login.aspx": self.sign_in,
        }
        return known.get(visit.path, self.menu)(visit)

    def menu(self, visit: Visit) -> Shown:
        """The businesses one can apply for."""
        lines = "".join(f'<li><a href="apply.aspx?yw={no}">{name}</a></li>' for no, name in pages.BUSINESS.items())
        return Shown(self._page("业务菜单", f"<ul>{lines}</ul>"))

    def apply(self, visit: Visit) -> Shown:
        """The application form, and the page to confirm what was filled in."""
        if self.home.faults().get("month_end_stop"):
            return Shown(self._page("系统提示", "", "[E901] 月末结算期间暂停受理新业务，查询不受影响"))
        if not visit.sends:
            return self._form(visit.query.get("yw", ""), {}, "")
        state = self._read_state(visit.form)
        if state is None:
            return Shown(self._page("系统提示", "", "[E903] 页面已失效，请重新打开"))
        typed = {name: visit.form.get(name, "").strip() for name, _, _ in pages.FIELDS}
        typed[pages.REMARKS] = visit.form.get(pages.REMARKS, "").strip()
        notice = judge(typed)
        if notice:
            return self._form(state["yw"], typed, notice)
        if self.home.faults().get("echo_swapped"):
            typed["txtXm"], typed["txtZjhm"] = typed["txtZjhm"], typed["txtXm"]
        body = pages.form("confirm.aspx", self._state(typed | {"yw": state["yw"]}), pages.echo(typed), "确认提交")
        return Shown(self._page("申请信息确认", body))

    def _form(self, business: str, typed: Mapping[str, str], notice: str) -> Shown:
        if business not in pages.BUSINESS:
            return Shown(self._page("系统提示", "", "[E902] 业务不存在或已停用"))
        renamed = {"txtZjhm": "txtSfzh"} if self.home.faults().get("layout_changed") is True else {}
        rows = pages.application_rows(typed, renamed)
        name = f"<p>业务：{pages.BUSINESS[business]}</p>"
        form = pages.form("apply.aspx", self._state({"yw": business}), name + rows, "下一步")
        return Shown(self._page("业务申请登记", form, notice))

    def confirm(self, visit: Visit) -> Shown:
        """Enter the matter in the books and show its number."""
        state = self._read_state(visit.form)
        if state is None:
            return Shown(self._page("系统提示", "", "[E903] 页面已失效，请重新打开"))
        key = state["txtLybh"] or secrets.token_hex(8)
        entry, _ = self.home.take(key, state["txtBjbh"], "apply", state, prefix="CL")
        shown = {"lblSlbh": entry.reference, "lblSlsj": local_time(entry.taken_at), "echo_txtLybh": state["txtLybh"]}
        labels = {"lblSlbh": "受理编号", "lblSlsj": "受理时间", "echo_txtLybh": "来源编号"}
        lines = "".join(f'<p>{labels[name]}：<b id="{name}">{value}</b></p>' for name, value in shown.items())
        return Shown(self._page("受理结果", lines), took=True)

    def query(self, visit: Visit) -> Shown:
        """Find one matter by their number or by a number of origin."""
        text = visit.form.get("txtBh", "").strip()
        box = pages.text_row("txtBh", "受理编号、来源编号或来源办件编号", text)
        form = pages.form("query.aspx", self._state({}), f"<table>{box}</table>", "查询")
        self.journal.note()
        found = [e for e in self.home.entries() if text and text in (e.reference, e.key, e.case_no)]
        rows = [
            (*self._columns(e.reference, e.key, e.case_no, e.message["yw"], e.status), local_time(e.taken_at))
            for e in found
        ]
        heads = ("受理编号", "来源编号", "办件编号", "业务", "状态", "受理时间")
        notice = "[I001] 未查询到记录" if text and not rows else ""
        return Shown(self._page("业务查询", form + pages.table(heads, rows), notice))

    def list(self, visit: Visit) -> Shown:
        """List the changes after a serial number, some rows a page."""
        start = visit.query.get("lsh", "0")
        changes = self.journal.after(int(start) if start.isdigit() else 0, ROWS + 1)
        rows = [
            (
                str(change.serial),
                *self._columns(
                    change.entry.reference,
                    change.entry.key,
                    change.entry.case_no,
                    change.entry.message["yw"],
                    change.status,
                ),
                local_time(change.at),
                OPINIONS[change.status],
            )
            for change in changes[:ROWS]
        ]
        heads = ("流水号", "受理编号", "来源编号", "办件编号", "业务", "状态", "变更时间", "意见")
        following = f'<a id="lnkNext" href="list.aspx?lsh={rows[-1][0]}">下一页</a>' if len(changes) > ROWS else ""
        return Shown(self._page("办理进度列表", pages.table(heads, rows) + following))

    def _columns(self, reference: str, key: str, case_no: str, business: str, status: str) -> tuple[str, ...]:
        state = STATES[status]
        if self.home.faults().get("swapped_columns"):
            reference, state = state, reference
        return reference, key, case_no, pages.BUSINESS[business], state


def judge(typed: Mapping[str, str]) -> str:
    """Say what is wrong with an application, as the site words it; "" when nothing is."""
    if not typed["txtXm"]:
        return "[E101] 姓名不能为空"
    if typed["ddlZjlx"] == "1" and not is_id_number(typed["txtZjhm"]):
        return "[E102] 身份证号码校验不正确"
    if typed["txtCjzh"] and len(typed["txtCjzh"]) < 18:
        return "[E104] 残疾人证号位数不正确"
    return ""


def is_id_number(text: str) -> bool:
    """Check an 18-digit ID number by its last digit (GB 11643)."""
    if len(text) != 18 or not text[:17].isdigit():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, text, strict=False))
    return "10X98765432"[total % 11] == text[17]


def local_time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}"


def serve(home: DepartmentHome) -> None:
    """Run the site on loopback until the process ends."""
    Platform(home).serve()
