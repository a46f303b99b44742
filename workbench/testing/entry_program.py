"""A department's program without any interface: people sign in, type two screens, get a number, look it up.

The program of one department is an `EntryProgram`: its title, its screens and its fields
in its own order. Everything is plain Chinese HTML, so that a person can use it.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from .department import DepartmentHome, Entry
from .web_program import COMMON_FAULTS, Shown, Visit, WebProgram

#: What these programs can suffer; they have no interface, so only people meet it.
FAULTS = COMMON_FAULTS | {"error_in_200": "answers an error on an ordinary page when a form is sent"}
STATES = {"accepted": "受理", "granted": "已办结", "refused": "不予", "correction": "退回补正"}
USER = "jiedao01"


@dataclass(frozen=True, slots=True)
class EntryField:
    """One field of a screen; `options` are "value|text" of a drop-down."""

    name: str
    label: str
    options: tuple[str, ...] = ()
    required: bool = False
    lines: int = 1


@dataclass(frozen=True, slots=True)
class EntryProgram:
    """One program: its title, the prefix of its numbers, its screens by name, what its number is called."""

    title: str
    prefix: str
    screens: Mapping[str, tuple[EntryField, ...]]
    number_label: str
    source_field: str  # name of the field for the sender's own case number
    charset: str = "utf-8"

    def serve(self, home: DepartmentHome) -> None:
        """Run the program until its process ends."""
        Pages(self, home).serve()


class Pages:
    """The pages of one running program."""

    def __init__(self, program: EntryProgram, home: DepartmentHome) -> None:
        self.program = program
        self.home = home
        self.web = WebProgram(home, self.show, self.sign_in, program.charset)

    def serve(self) -> None:
        """Listen, and announce address and account."""
        account = {"username": USER, "password": self._password()}

        def announce(port: int) -> None:
            self.home.announce({"base_url": f"http://127.0.0.1:{port}/"} | account, port=port)

        self.web.serve(announce)

    def _password(self) -> str:
        path = self.home.folder / "password"
        if not path.exists():
            path.write_text(secrets.token_urlsafe(9))
        return path.read_text()

    def page(self, body: str, user: str = "") -> Shown:
        menu = '<p><a href="/entry">新增录入</a> | <a href="/query">业务查询</a></p>' if user else ""
        title = escape(self.program.title)
        head = f'<meta charset="{self.program.charset}"><title>{title}</title>'
        return Shown(
            f"<!DOCTYPE html><html lang='zh-CN'><head>{head}</head><body><h1>{title}</h1>{menu}{body}</body></html>"
        )

    def sign_in(self, visit: Visit) -> Shown:
        """The only page for strangers."""
        notice = ""
        if visit.path == "/login" and visit.sends:
            if self._knows(visit.form) and not self.home.faults().get("expired_credentials"):
                return Shown(go_to="/", signs_on=visit.form["username"])
            notice = '<p class="notice">用户名或密码错误，或密码已过期</p>'
        user = '<label for="username">用户名</label> <input id="username" name="username"><br>'
        word = '<label for="password">密码</label> <input id="password" name="password" type="password"><br>'
        form = f'<form method="post" action="/login">{user}{word}<button>登录</button></form>'
        return self.page(f"<h2>用户登录</h2>{notice}{form}")

    def _knows(self, form: Mapping[str, str]) -> bool:
        return form.get("username") == USER and form.get("password") == self._password()

    def show(self, visit: Visit) -> Shown:
        """The pages behind the sign-on."""
        if visit.sends and self.web.switches.on("error_in_200"):
            return self.page('<p class="notice">系统繁忙，操作失败</p>', visit.user)
        if visit.path == "/entry":
            return self.entry(visit)
        if visit.path == "/query":
            return self.query(visit)
        return self.page(f"<p>欢迎，{escape(visit.user)}</p>", visit.user)

    def entry(self, visit: Visit) -> Shown:
        """One screen after the other; what was typed before travels along, hidden."""
        names = list(self.program.screens)
        done = int(visit.form.get("done", "0")) if visit.sends else 0
        typed = {key: value.strip() for key, value in visit.form.items() if key != "done"}
        if done:
            missing = [f.label for f in self.program.screens[names[done - 1]] if f.required and not typed.get(f.name)]
            if missing:
                return self.screen(names[done - 1], done, typed, visit.user, f"请填写：{'、'.join(missing)}")
        if done == len(names):
            return self.take(typed, visit.user)
        return self.screen(names[done], done + 1, typed, visit.user)

    def screen(self, name: str, number: int, typed: Mapping[str, str], user: str, notice: str = "") -> Shown:
        fields = self.program.screens[name]
        shown = {entry.name for entry in fields}
        hidden = "".join(_hidden(key, value) for key, value in typed.items() if key not in shown)
        rows = "".join(_row(entry, typed.get(entry.name, "")) for entry in fields)
        button = "提交" if number == len(self.program.screens) else "下一步"
        form = f"{_hidden('done', str(number))}{hidden}<table>{rows}</table><button>{button}</button>"
        warning = f'<p class="notice">{escape(notice)}</p>' if notice else ""
        return self.page(f'<h2>{escape(name)}</h2>{warning}<form method="post" action="/entry">{form}</form>', user)

    def take(self, typed: Mapping[str, str], user: str) -> Shown:
        source = typed.get(self.program.source_field, "")
        key = source or secrets.token_hex(8)
        entry, new = self.home.take(key, source, "apply", typed, prefix=self.program.prefix)
        word = "提交成功" if new else "该来源编号已录入，未重复登记"
        number = f'{self.program.number_label}：<b id="number">{entry.reference}</b>'
        return Shown(self.page(f"<h2>{word}</h2><p>{number}</p>", user).html, took=new)

    def query(self, visit: Visit) -> Shown:
        """Look a matter up by their number, by the sender's number, or by a value that was typed."""
        text = visit.query.get("q", "").strip()
        label = f"{self.program.number_label}、来源编号或证件号码"
        box = f'<label for="q">{label}</label> <input id="q" name="q" value="{escape(text)}">'
        form = f'<h2>业务查询</h2><form action="/query">{box} <button>查询</button></form>'
        return self.page(form + (self._found(text) if text else ""), visit.user)

    def _found(self, text: str) -> str:
        self.home.decide_due()
        rows = "".join(_line(entry) for entry in self._matching(text))
        head = f"<tr><th>{self.program.number_label}</th><th>来源编号</th><th>状态</th><th>录入时间</th></tr>"
        return f'<table id="result" border="1">{head}{rows}</table>' if rows else '<p class="notice">未查询到记录</p>'

    def _matching(self, text: str) -> Iterator[Entry]:
        for entry in self.home.entries():
            if text in (entry.reference, entry.case_no) or text in entry.message.values():
                yield entry


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _row(entry: EntryField, value: str) -> str:
    mark = "*" if entry.required else ""
    label = f'<label for="{entry.name}">{escape(entry.label)}</label>{mark}'
    return f"<tr><th>{label}</th><td>{_control(entry, value)}</td></tr>"


def _control(entry: EntryField, value: str) -> str:
    ident = f'id="{entry.name}" name="{entry.name}"'
    if entry.lines > 1:
        return f'<textarea {ident} rows="{entry.lines}">{escape(value)}</textarea>'
    if not entry.options:
        return f'<input {ident} value="{escape(value)}">'
    pairs = [("", "请选择")] + [(option.split("|")[0], option.split("|")[1]) for option in entry.options]
    chosen = "".join(f'<option value="{v}"{" selected" * (v == value)}>{escape(t)}</option>' for v, t in pairs)
    return f"<select {ident}>{chosen}</select>"


def _line(entry: Entry) -> str:
    at = datetime.fromtimestamp(entry.taken_at, ZoneInfo("Asia/Shanghai"))
    cells = (entry.reference, entry.case_no, STATES[entry.status], f"{at:%Y-%m-%d %H:%M:%S}")
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
