"""Lines with one fault each: the contract finds it and names it. The line they are made from has none."""

# ruff: noqa: E501 - one fault a line

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from workbench.scaffold.write import name_line, write_line
from workbench.testing.line_contract import LINE_PROMISES
from workbench.testing.line_under_test import LineUnderTest
from workbench.testing.promises import broken

HOOKS, VIEWS, LINE, ITEM = "hooks.py", "views.py", "line.toml", "items/ZZ-001.toml"
PANEL, WORDS = "templates/panel.html", "translations/zh_CN/$id.po"
MIGRATION = '''"""Make the table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("{table}", sa.Column("id", sa.String(26), primary_key=True){more})


def downgrade() -> None:
    {down}
'''
HOOK = "\n\n@hook\ndef {signature}:\n    {body}\n"


def adds(signature: str, body: str, before: str = "") -> tuple[str, str, str]:
    """Give a change that adds a hook."""
    return (
        HOOKS,
        "from workbench.api import Case,",
        f"{before}from workbench.api import Suggestion, Case,",
        HOOK.format(signature=signature, body=body),
    )


#: fault -> promise, words that name it, file, text, other text, what is written below it.
WRONG = {
    "syntax error": ("code-loads", "SyntaxError", HOOKS, "def check_case", "def def check_case"),
    "missing dependency": ("code-loads", "No module named", HOOKS, "from workbench", "import nobody_has\nfrom workbench"),
    "ends the program": ("code-loads", "SystemExit", HOOKS, "from workbench", "raise SystemExit\nfrom workbench"),
    "names a module that is not there": ("checked", "hooked", LINE, "$id.hooks", "$id.hooked"),
    "foreign surface": ("readable", "written for surface 2.0", LINE, 'api = "1.0"', 'api = "2.0"'),
    "unknown key": ("readable", "colour", LINE, "api =", 'colour = "red"\napi ='),
    "broken toml": ("readable", "line.toml", LINE, "[owner]", "[owner"),
    "nobody may accept": ("permissions-held", "'accept'", LINE, 'accept = ["worker"]', "accept = []"),
    "role nobody knows": ("checked", "'boss'", LINE, 'see = ["worker"', 'see = ["boss"'),
    "no owner": ("owner-named", "[owner]", LINE, 'name = "主管部门信息科"', 'name = ""'),
    "fact that does not exist": ("checked", "person.nmae", ITEM, 'own = "Belongs', 'fact = "person.nmae"\nnote = "Belongs'),
    "rule that cannot be read": ("rules-explained", "'age >'", ITEM, '"age >= 60"', '"age >"'),
    "rule of an unknown name": ("rules-explained", "shoe_size", ITEM, '"age >= 60"', '"shoe_size >= 60"'),
    "no purpose": ("items-complete", "purpose is empty", ITEM, 'purpose = "办理本事项"', 'purpose = ""'),
    "nobody accepts": ("checked", "no step is the worker's", ITEM, 'by = "worker"', 'by = "reviewer"'),
    "platform that is not installed": ("checked", "far.away", ITEM, 'key = "accept"', 'key = "accept"\ndeliveries = [{ platform = "far.away" }]'),
    "question in one language": ("checked", "the English for", ITEM, 'label_en = "What is asked for"\n', ""),
    "code of another line": ("checked", "begin with ZZ-", ITEM, 'code = "ZZ-001"', 'code = "MZ-001"'),
    "unknown key of an item": ("items-load", "colour", ITEM, "fee =", 'colour = "red"\nfee ='),
    "hook nobody calls": ("hooks-fit", "person_panel", HOOKS, "def person_panels", "def person_panel"),
    "argument that does not exist": ("hooks-fit", "citizen", HOOKS, "person_panels()", "person_panels(citizen: object)"),
    "hook that fails": ("hooks-answer-in-time", "ZeroDivisionError", HOOKS, "return [Panel(", "return [1 / 0, Panel("),
    "hook that blocks": ("hooks-answer-in-time", "longer than", HOOKS, "return [Panel(", "__import__('time').sleep(2.5)\n    return [Panel("),
    "hook of the wrong kind": ("hooks-answer-in-time", "not Panel", HOOKS, 'Panel("', 'str("1") or Panel("'),
    "hook that knows only GB2312": ("hooks-survive-hostile-text", "UnicodeEncodeError", HOOKS, "if len(str(case", "str(case.values).encode('gb2312')\n    if len(str(case"),
    "suggests what others offer": ("suggestions-own", "MZ-001", *adds("suggest_items(person) -> object", 'return [Suggestion("MZ-001", "可办", "May")]')),
    "forgets only once": ("hooks-twice", "KeyError", *adds("person_erased(person_id) -> None", "KNOWN.remove(1)", "KNOWN = {1}\n")),
    "page without a right": ("pages-declare-rights", "panel", VIEWS, '@pages.permit("see")\n', ""),
    "right that does not exist": ("pages-declare-rights", "panel", VIEWS, 'permit("see")', 'permit("look")'),
    "page that fails": ("pages-drawn", "fails", VIEWS, "person = pages", "1 / 0\n    person = pages"),
    "ID number in an address": ("addresses-nameless", "id_no", VIEWS, "@blueprint", '@blueprint.get("/of/<id_no>")\n@pages.permit("see")\ndef of(hub: str, id_no: str) -> str:\n    return ""\n\n\n@blueprint'),
    "panel without a page": ("panels-have-pages", "/box/", HOOKS, '"panel")', '"box")'),
    "script in a template": ("templates-safe", "script", PANEL, "<section", "<script>1</script><section"),
    "words that become markup": ("templates-safe", "filter safe", PANEL, "{{ person.name }}", "{{ person.name|safe }}"),
    "menu that leads nowhere": ("menu-has-pages", "/lists, which is no page", LINE, "[owner]", 'menu = [{ path = "lists", title_zh = "名单", title_en = "Lists" }]\n\n[owner]'),
    "template that cannot be read": ("templates-compile", "panel.html", PANEL, "{% endblock %}\n{% endblock %}", "{% endblock %}"),
    "words without Chinese": ("chinese", "Lives here", PANEL, '_("Lives at")', '_("Lives here")'),
    "sees the database": ("public-surface", "workbench.store", HOOKS, "from workbench.api", "from workbench.store.ids import new_id  # noqa\nfrom workbench.api"),
}  # fmt: skip
WRONG_TABLES = {
    "table of another's name": ("does not begin with", {"table": "cases_of_mine", "more": "", "down": 'op.drop_table("cases_of_mine")'}),
    "table left behind": ("leave line_", {"table": "line_$id_note", "more": "", "down": "pass"}),
    "reference into the core": ("points into hub", {"table": "line_$id_note", "more": ', sa.Column("hub_id", sa.String(32), sa.ForeignKey("hub.id"))', "down": 'op.drop_table("line_$id_note")'}),
}  # fmt: skip
COUNT = iter(range(1000))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A line without a fault, that can be imported."""
    line = name_line(f"wrong_{next(COUNT)}_line", "ZZ", date(2026, 11, 22))
    write_line(line, tmp_path / "package")
    monkeypatch.syspath_prepend(tmp_path / "package")
    yield tmp_path / "package" / line.id
    for name in [name for name in sys.modules if name.partition(".")[0] == line.id]:
        del sys.modules[name]


def judge(folder: Path, *promises: str) -> dict[str, str]:
    test = LineUnderTest(folder)
    try:
        return broken(LINE_PROMISES, test, promises)
    finally:
        test.close()


def test_line_without_a_fault_keeps_everything(package: Path) -> None:
    assert judge(package) == {}


@pytest.mark.parametrize("fault", WRONG)
def test_fault_is_found_and_named(package: Path, fault: str) -> None:
    promise, words, file, old, new, *below = (part.replace("$id", package.name) for part in WRONG[fault])
    path = package / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1) + "".join(below), "utf-8")

    found = judge(package, promise)

    assert words in found.get(promise, "nothing was found")


def test_menu_shown_to_those_who_may_not_open_its_page_is_named(package: Path) -> None:
    views, line = package / VIEWS, package / LINE
    page = '@blueprint.get("/lists")\n@pages.permit("accept")\ndef lists(hub: str) -> str:\n    return ""\n'
    views.write_text(f"{views.read_text('utf-8')}\n\n{page}", "utf-8")
    menu = 'menu = [{ path = "lists", title_zh = "名单", title_en = "Lists" }]\n\n[owner]'
    line.write_text(line.read_text("utf-8").replace("[owner]", menu), "utf-8")

    found = judge(package, "menu-has-pages").get("menu-has-pages", "nothing was found")

    assert "shown to reviewer, approver, who may not open it" in found


@pytest.mark.parametrize("fault", WRONG_TABLES)
def test_fault_of_tables_is_found_and_named(package: Path, fault: str) -> None:
    words, parts = WRONG_TABLES[fault]
    (package / "migrations").mkdir()
    text = MIGRATION.format(**parts).replace("$id", package.name)
    (package / "migrations" / "0001_notes.py").write_text(text, "utf-8")
    line = package / "line.toml"
    line.write_text(line.read_text("utf-8").replace("[owner]", 'migrations = "migrations"\n\n[owner]'), "utf-8")

    assert words in judge(package, "migrations-up-down-up").get("migrations-up-down-up", "nothing was found")


def test_two_files_of_one_item_are_found(package: Path) -> None:
    text = (package / ITEM).read_text("utf-8")
    (package / "items" / "ZZ-001-again.toml").write_text(text, "utf-8")

    assert "ZZ-001" in str(judge(package, "checked", "items-load", "items-apart"))
