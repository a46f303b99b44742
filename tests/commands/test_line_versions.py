"""Versions of a line: pinned when it is opened, tried before it is switched, refused with a reason, taken back."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from sqlmodel import select

from workbench.cases.models import CaseMaterialRow, CaseRow, DraftRow
from workbench.catalogue.answers import answer_all
from workbench.catalogue.form import form_of
from workbench.catalogue.freeze import frozen_item
from workbench.catalogue.items import load_catalogue
from workbench.host.discover import Line, discover, read_line
from workbench.host.keep import stand_down
from workbench.hubs.models import LineVersionRow
from workbench.hubs.versions import find_installed
from workbench.opening.models import LineTrialRow
from workbench.opening.old_cases import read_old_cases
from workbench.people.check import PersonInput
from workbench.people.register import register_person
from workbench.reception.accept import accept
from workbench.reception.draft import begin
from workbench.scaffold.write import name_line, write_line
from workbench.settings import Settings
from workbench.store.context import Context
from workbench.store.engine import Store

Call = Callable[..., Result]
Act = Callable[..., AbstractContextManager[Context]]
COUNT = iter(range(1000))
WISH = 'key = "wish"\nlabel = "申请事由"'
TABLE = '''"""Make the table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("line_$id_note", sa.Column("id", sa.String(26), primary_key=True))


def downgrade() -> None:
    op.drop_table("line_$id_note")
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An out-of-tree line as pip leaves it, found by this process and by those it starts."""
    line = name_line(f"versions_{next(COUNT)}", "ZY", date(2026, 11, 22))
    site = tmp_path / "site"
    write_line(line, site)
    told = site / f"{line.id}-2026.1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {line.id}\nVersion: 2026.1\n")
    (told / "entry_points.txt").write_text(f"[workbench.lines]\n{line.id} = {line.id}\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    yield site / line.id
    stand_down(line.id)
    for name in [name for name in sys.modules if name.partition(".")[0] == line.id]:
        del sys.modules[name]


@pytest.fixture
def opened(package: Path, call: Call) -> Path:
    """The line, opened at a hub by the command."""
    given = ("--admission", "试验", "--waive-rehearsal", "试验")
    assert call("lines", "open", package.name, "--hub", "wutong", *given).exit_code == 0
    return package


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def raise_version(package: Path, version: str = "2026.2") -> None:
    change(package / "line.toml", 'version = "2026.1"', f'version = "{version}"')


def accept_one(act: Act, line: Line) -> str:
    """Accept a case of the line's item as it is now; gives its id."""
    installed, known = discover(), load_catalogue([line])
    with act("worker1") as ctx:
        person = register_person(
            ctx, PersonInput(name="测试甲", id_type="111", id_no="990101195003071239", phone="19900000001")
        )
        item = known.by_code["ZY-001"][0]
        case = begin(ctx, item, person)
        draft = ctx.session.get_one(DraftRow, case.id)
        draft.values = answer_all(form_of(item.manifest), draft.values or {})
        draft.origins = {key: one | {"reason": "试验"} for key, one in (draft.origins or {}).items()}
        for row in ctx.session.exec(select(CaseMaterialRow).where(CaseMaterialRow.case_id == case.id)):
            row.state = "sighted"
        noted = set(ctx.session.exec(select(CaseMaterialRow.key).where(CaseMaterialRow.case_id == case.id)))
        for material in item.manifest.materials:
            if material.key not in noted:
                ctx.session.add(CaseMaterialRow(case_id=case.id, key=material.key, state="sighted"))
        ctx.session.flush()
        accept(ctx, known, installed, {case.id: draft.accept_key})
        return case.id


def line_of(settings: Settings, store: Store, line_id: str) -> Line:
    line = find_installed(settings, store).line(line_id)
    assert line is not None
    return line


def test_another_installed_version_is_shown_and_changes_nothing(
    opened: Path, call: Call, settings: Settings, store: Store
) -> None:
    raise_version(opened)
    (opened / "items" / "ZY-001.toml").unlink()

    line = line_of(settings, store, opened.name)

    assert (line.state, line.version, line.waiting) == ("ready", "2026.1", opened)
    assert [item.code for item in load_catalogue([line]).items] == ["ZY-001"]
    (told,) = (one for one in json.loads(call("lines", "--json").stdout) if one["id"] == opened.name)
    assert (told["version"], told["waiting"]) == ("2026.1", "2026.2")


def test_copy_in_use_that_somebody_changed_is_made_anew(opened: Path, settings: Settings, store: Store) -> None:
    raise_version(opened)
    copy = line_of(settings, store, opened.name).folder
    change(copy / "hooks.py", "500", "5")

    assert "500" in (line_of(settings, store, opened.name).folder / "hooks.py").read_text("utf-8")


def test_line_whose_copy_is_lost_is_parked_and_says_what_is_what(
    opened: Path, settings: Settings, store: Store
) -> None:
    raise_version(opened)
    for file in (settings.instance / "files" / "lines").rglob("*"):
        if file.is_file():
            file.unlink()

    line = line_of(settings, store, opened.name)

    assert line.state == "parked"
    assert "version 2026.2 is installed; version 2026.1 is in use" in line.reason


def test_line_whose_package_is_gone_is_parked_and_can_still_be_removed(
    opened: Path, call: Call, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in opened.parent.glob("*.dist-info/entry_points.txt"):
        file.unlink()

    line = line_of(settings, store, opened.name)

    assert (line.state, line.version) == ("parked", "2026.1")
    assert "is not installed any more" in line.reason
    assert call("lines", "close", opened.name, "--hub", "wutong").exit_code == 0
    assert call("lines", "remove", opened.name, "--yes").exit_code == 0
    assert find_installed(settings, store).line(opened.name) is None


def test_line_is_upgraded_and_taken_back_with_its_tables_and_old_cases_keep_their_form(
    opened: Path, call: Call, act: Act, settings: Settings, store: Store
) -> None:
    old_case = accept_one(act, line_of(settings, store, opened.name))
    raise_version(opened)
    ended = "valid_from = 2026-01-01\nvalid_to = 2026-01-31"
    change(opened / "items" / "ZY-001.toml", "valid_from = 2026-11-22", ended)
    newer = (opened / "items" / "ZY-001.toml").read_text("utf-8")
    newer = newer.replace('version = "2026.1"', 'version = "2026.2"').replace('key = "wish"', 'key = "reason_now"')
    newer = newer.replace(ended, "valid_from = 2026-02-01")
    (opened / "items" / "ZY-001-2.toml").write_text(newer, "utf-8")
    change(opened / "line.toml", "[owner]", 'migrations = "migrations"\n\n[owner]')
    (opened / "migrations").mkdir()
    (opened / "migrations" / "0001_notes.py").write_text(TABLE.replace("$id", opened.name), "utf-8")
    table = f"line_{opened.name}_note"

    up = call("lines", "upgrade", opened.name)

    assert up.exit_code == 0, up.output
    assert "2026.1 -> 2026.2, 1 old cases read" in up.output
    assert table in sa.inspect(store.engine).get_table_names()
    line = line_of(settings, store, opened.name)
    assert (line.version, line.waiting) == ("2026.2", None)
    with store.read() as session:
        case = session.get_one(CaseRow, old_case)
        item = frozen_item(session, load_catalogue([line]), case.item_digest)
    assert item is not None and "wish" in form_of(item).fields

    down = call("lines", "downgrade", opened.name, "2026.1", "--yes")

    assert down.exit_code == 0, down.output
    assert not [name for name in sa.inspect(store.engine).get_table_names() if opened.name in name]
    assert (line_of(settings, store, opened.name).version, line_of(settings, store, opened.name).waiting) == (
        "2026.1", opened,
    )  # fmt: skip
    assert call("lines", "close", opened.name, "--hub", "wutong").exit_code == 0
    assert call("lines", "remove", opened.name, "--yes").exit_code == 0
    with store.read() as session:
        for row in (LineVersionRow, LineTrialRow):
            assert session.exec(select(row).where(row.line_id == opened.name)).all() == []
        assert frozen_item(session, load_catalogue([]), session.get_one(CaseRow, old_case).item_digest) is not None
    assert not (settings.instance / "lines" / opened.name).exists()


#: what is done to the field of an open case -> what the admin reads.
DROPS = {
    "dropped": ("", "the field wish is gone; 1 open cases"),
    "renamed": (WISH.replace("wish", "reason_now"), "the field wish is now called reason_now; 1 open cases"),
    "retyped": (WISH + '\ntype = "date"', "the field wish is of another kind"),
}


def test_upgrade_that_changes_a_field_of_open_cases_is_refused_with_their_number(
    opened: Path, call: Call, act: Act, settings: Settings, store: Store
) -> None:
    accept_one(act, line_of(settings, store, opened.name))
    raise_version(opened)
    item = opened / "items" / "ZY-001.toml"
    shipped = item.read_text("utf-8")
    before, after = shipped.index("[[fields]]"), shipped.index("[[materials]]")
    for written, words in DROPS.values():
        field = shipped[before:after].replace(WISH, written)
        if "date" in written:
            field = field.replace('type = "text"\n', "")
        item.write_text(shipped[:before] + (field if written else "") + shipped[after:], "utf-8")
        newer = read_line(opened.name, opened.name, opened)
        with store.read() as session:
            (found,) = read_old_cases(session, newer, load_catalogue([newer])).findings
        assert words in found.en and found.level == "stop"
    item.write_text(shipped[:before] + shipped[after:], "utf-8")

    refused = call("lines", "upgrade", opened.name)

    assert refused.exit_code == 1
    for told in (DROPS["dropped"][1], "items/ZY-001.toml", "主管部门信息科", "with a new version", "2026.1 goes on"):
        assert told in refused.output, refused.output
    assert line_of(settings, store, opened.name).version == "2026.1"
    with store.read() as session:
        trials = session.exec(select(LineTrialRow).where(LineTrialRow.line_id == opened.name)).all()
    assert [(one.passed, one.switched, one.cases) for one in trials] == [(False, False, 1)]


@pytest.mark.only_sqlite
def test_upgrade_that_breaks_its_contract_or_fails_on_old_cases_is_refused(
    opened: Path, call: Call, act: Act, settings: Settings, store: Store
) -> None:
    accept_one(act, line_of(settings, store, opened.name))
    raise_version(opened)
    shipped = (opened / "hooks.py").read_text("utf-8")
    wrong = {
        "import nobody_has\n" + shipped: "nobody_has",
        # What the contract cannot know: what stands in the forms of real cases.
        shipped.replace("if len(", "if len(case.values) > 3: raise KeyError\n    if len("): "on the old case",
    }
    for hooks, words in wrong.items():
        (opened / "hooks.py").write_text(hooks, "utf-8")

        refused = call("lines", "upgrade", opened.name, "--dry-run")

        assert refused.exit_code == 1
        assert words in refused.output and "hooks.py" in refused.output, refused.output
    assert line_of(settings, store, opened.name).version == "2026.1"


@pytest.mark.only_sqlite
def test_wheel_is_tried_and_used_without_being_installed(
    opened: Path, call: Call, settings: Settings, store: Store, tmp_path: Path
) -> None:
    handed = tmp_path / "handed" / opened.name
    handed.parent.mkdir()
    shutil.copytree(opened, handed, ignore=shutil.ignore_patterns("__pycache__"))
    raise_version(handed, "2027.1")
    wheel = shutil.make_archive(str(tmp_path / "line"), "zip", handed.parent)

    assert call("lines", "upgrade", opened.name, "--from", wheel).exit_code == 0

    assert (line_of(settings, store, opened.name).version, line_of(settings, store, opened.name).waiting) == (
        "2027.1", opened,
    )  # fmt: skip


def test_wrong_words_are_answered_with_what_to_do(opened: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "no.whl").write_text("no")

    assert "version 1999.1 of" in call("lines", "downgrade", opened.name, "1999.1").output
    assert "is not in use" in call("lines", "upgrade", "civil_affairs").output
    assert "no line 'civil'" in call("lines", "upgrade", "civil").output
    assert "no.whl is no wheel" in call("lines", "upgrade", opened.name, "--from", str(tmp_path / "no.whl")).output
    assert "exactly these files" in call("lines", "upgrade", opened.name).output
