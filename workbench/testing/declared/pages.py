"""A declared department that is a site of web pages, as its `layout.toml` says they look.

Sign in, choose a business, fill the form, look at it once more and confirm; then there is a number. Matters can be
queried, and a list shows every change. Nothing else exists.
"""

import secrets
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from ..changes import ChangeList
from ..department import DepartmentHome, Entry
from ..web_program import COMMON_FAULTS, Shown, Visit, WebProgram
from .shape import WORDS, Shape

FAULTS = COMMON_FAULTS | {
    "error_in_200": "shows a system error on an ordinary page",
    "layout_changed": "prints another version at the foot of every page",
    "no_result": "matters are taken and never decided",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}
USER, ROWS, LONGEST = "jiedao01", 20, 200
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Site:
    """The pages of one running site."""

    def __init__(self, home: DepartmentHome, shape: Shape) -> None:
        self.home, self.shape = home, shape
        self.layout = tomllib.loads((shape.folder / "layout.toml").read_text("utf-8"))
        self.pages: dict[str, dict[str, Any]] = self.layout["pages"]
        self.said: dict[str, str] = self.layout["answers"]
        self.changes = ChangeList(home, self._decide)
        self.web = WebProgram(home, self.show, self.sign_in, shape.platform.charset)
        self.filled: dict[str, dict[str, str]] = {}  # in memory, as there: a restart forgets forms not confirmed
        self.password = self._password()

    def _decide(self) -> None:
        if not self.home.faults().get("no_result"):
            self.home.decide_due()

    def _password(self) -> str:
        path = self.home.folder / "password"
        if not path.exists():
            path.write_text(secrets.token_urlsafe(12))
        return path.read_text()

    def serve(self) -> None:
        """Listen, and announce address and account."""
        given = self.shape.settings(self.home, {"username": USER, "password": self.password, "base_url": ""})
        self.web.serve(lambda port: self.home.announce(given | {"base_url": f"http://127.0.0.1:{port}/"}, port=port))

    def _path(self, name: str) -> str:
        return "/" + str(self.pages[name].get("path") or f"{name}.htm")

    def _page(self, name: str, body: str, notice: str = "") -> Shown:
        title, version = escape(self.pages[name]["title"]), str(self.layout["version"])
        version += "+" if self.home.faults().get("layout_changed") else ""
        message = f'<p id="lblMsg">{escape(notice)}</p>' if notice else ""
        head = f'<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{title}</title>'
        foot = f'<hr><small><span id="ver">{version}</span></small>'
        return Shown(f"<html><head>{head}</head><body><h2>{title}</h2>{message}{body}{foot}</body></html>")

    def _form(self, name: str, target: str, rows: str, shown: Iterable[str], token: str = "") -> str:
        """Lay a form out; fields nobody sees carry what belongs to the page."""
        hidden = "".join(
            f'<input type="hidden" name="{field}" value="{token}">'
            for field in self.pages[name].get("fields", ())
            if field not in set(shown)
        )
        button = '<input type="submit" value="确定">'
        return f'<form method="post" action="{target}">{hidden}<table>{rows}</table>{button}</form>'

    def _notice(self, error: str, words: str, field: str = "") -> str:
        """Write a message of this meaning with its code."""
        known = [one for one in self.layout["notices"] if one["error"] == error]
        code = next((one["code"] for one in known if one.get("field", "") == field), known[0]["code"])
        return f"[{code}] {words}"

    def sign_in(self, visit: Visit) -> Shown:
        """The only page for strangers."""
        if visit.path != self._path("sign_in"):
            return Shown(go_to=self._path("sign_in"))
        user, word, notice = self.layout["user_field"], self.layout["password_field"], ""
        if visit.sends:
            knows = (visit.form.get(user), visit.form.get(word)) == (USER, self.password)
            if knows and not self.home.faults().get("expired_credentials"):
                return Shown(go_to=self._path("menu"), signs_on=USER)
            notice = self._notice("credentials", "用户名或密码错误，或密码已过期")
        rows = _text(user, "用户名") + _text(word, "密码")
        return self._page("sign_in", self._form("sign_in", self._path("sign_in"), rows, (user, word)), notice)

    def show(self, visit: Visit) -> Shown:
        """The pages behind the sign-on."""
        if self.home.faults().get("error_in_200") and visit.path != self._path("sign_in"):
            return self._page("menu", "", self._notice("try_later", "系统错误，请稍后再试"))
        known = {
            self._path("sign_in"): self.sign_in,
            self._path("application"): self.apply,
            self._path("done"): self.confirm,
            self._path("query"): self.query,
            self._path("list"): self.list,
        }
        return known.get(visit.path, self.menu)(visit)

    def menu(self, visit: Visit) -> Shown:
        """The businesses one can apply for."""
        path = self._path("application").lstrip("/")
        lines = (f'<li><a href="{path}?yw={row["theirs"]}">{row["name"]}</a></li>' for row in self.shape.rows("action"))
        return self._page("menu", f"<ul>{''.join(lines)}</ul>")

    def apply(self, visit: Visit) -> Shown:
        """The application form, and the page to confirm what was filled in."""
        names = [*dict.fromkeys(field["theirs"] for field in self.layout["fields"]), self.layout["remarks_field"]]
        if not visit.sends:
            form = self._form("application", self._path("application"), self._rows(), names, visit.query.get("yw", ""))
            return self._page("application", form)
        token = secrets.token_hex(8)
        self.filled[token] = {name: visit.form.get(name, "").strip() for name in names}
        lines = "".join(
            f'<tr><td>{name}</td><td id="echo_{name}">{escape(text)}</td></tr>'
            for name, text in self.filled[token].items()
        )
        return self._page("confirmation", self._form("confirmation", self._path("done"), lines, (), token))

    def _rows(self) -> str:
        fields = {field["theirs"]: field for field in reversed(self.layout["fields"])}
        rows = [
            _choice(name, field["label"], self.shape.rows(field["codes"]))
            if field.get("codes")
            else _text(name, field["label"])
            for name, field in reversed(fields.items())
        ]
        remarks = self.layout["remarks_field"]
        return "".join(
            [*rows, f'<tr><td>备注</td><td><textarea name="{remarks}" maxlength="4000"></textarea></td></tr>']
        )

    def confirm(self, visit: Visit) -> Shown:
        """Enter the matter in the books and show its number."""
        typed = next((self.filled.pop(text) for text in visit.form.values() if text in self.filled), None)
        if typed is None:
            return self._page("menu", "", self._notice("try_later", "页面已失效，请重新打开"))
        theirs = {field["ours"]: field["theirs"] for field in reversed(self.layout["fields"])}
        key, case_no = typed[theirs["key"]] or secrets.token_hex(8), typed.get(theirs.get("case_no", ""), "")
        entry, _ = self.home.take(key, case_no or key, "apply", typed, prefix=self.shape.declared.prefix)
        shown = {self.said["number"]: entry.reference, self.said["time"]: self._time(entry.taken_at)}
        shown[f"echo_{theirs['key']}"] = typed[theirs["key"]]
        lines = "".join(f'<p><b id="{name}">{escape(value)}</b></p>' for name, value in shown.items())
        return Shown(self._page("done", lines).html, took=True)

    def query(self, visit: Visit) -> Shown:
        """Find one matter by their number or by a number of origin."""
        field, self_path = self.layout["query_field"], self._path("query")
        text = visit.form.get(field, "").strip()
        self._decide()
        found = [one for one in self.home.entries() if text and text in (one.reference, one.key, one.case_no)]
        rows = [self._row(entry, entry.status) | {self.said["at"]: self._time(entry.taken_at)} for entry in found]
        notice = f"[{self.said['nothing']}] 未查询到记录" if text and not rows else ""
        form = self._form("query", self_path, _text(field, "受理编号、来源编号"), (field,))
        return self._page("query", form + _table(self.pages["query"]["columns"], rows), notice)

    def list(self, visit: Visit) -> Shown:
        """List the changes after a serial number, some rows a page."""
        start = visit.query.get("lsh", "0")
        changes = self.changes.since(int(start) if start.isdigit() else 0, ROWS + 1)
        rows = [
            self._row(change.entry, change.status)
            | {
                self.said["serial"]: str(change.number),
                self.said["changed"]: self._time(change.at),
                self.said["text"]: WORDS[change.status],
            }
            for change in changes[:ROWS]
        ]
        path, more = self._path("list").lstrip("/"), len(changes) > ROWS
        following = f'<a id="lnkNext" href="{path}?lsh={changes[ROWS - 1].number}">下一页</a>' if more else ""
        return self._page("list", _table(self.pages["list"]["columns"], rows) + following)

    def _row(self, entry: Entry, status: str) -> dict[str, str]:
        code = self.shape.status(status)
        name = next(row["name"] for row in self.shape.rows("status") if row["theirs"] == code)
        return {self.said["key"]: entry.key, self.said["reference"]: entry.reference, self.said["state"]: name}

    def _time(self, at: float) -> str:
        return datetime.fromtimestamp(at, SHANGHAI).strftime(self.said.get("times", "%Y-%m-%d %H:%M:%S"))


def _text(name: str, label: str) -> str:
    return f'<tr><td>{label}</td><td><input id="{name}" name="{name}" maxlength="{LONGEST}"></td></tr>'


def _choice(name: str, label: str, rows: Iterable[Mapping[str, str]]) -> str:
    known = {row["theirs"]: row["name"] for row in rows}
    options = "".join(f'<option value="{code}">{escape(text)}</option>' for code, text in known.items())
    return f'<tr><td>{label}</td><td><select name="{name}"><option value="">请选择</option>{options}</select></td></tr>'


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(row.get(column, ''))}</td>" for column in columns) + "</tr>" for row in rows
    )
    return f'<table id="tblList" border="1"><tr>{head}</tr>{body}</table>'


def serve(home: DepartmentHome, shape: Shape) -> None:
    """Run the site until the process ends."""
    Site(home, shape).serve()
