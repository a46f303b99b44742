"""Every rule finds what it is there for, names the place, and is quiet about the line it starts from."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from workbench.checks import Finding, check_folder, check_installed
from workbench.checks.rules import explain_rules
from workbench.scaffold.write import name_line, write_line

Change = Callable[..., list[Finding]]

#: rule -> what is written instead of what in the item of a fresh line.
SLIPS = {
    "languages": ('title_en = "First item (rename it)"', 'title_en = ""'),
    "unique-keys": ('key = "decide"', 'key = "accept"'),
    "purpose": ('purpose = "办理本事项"\n', ""),
    "known-group": ('field_groups = ["person", "consent"]', 'field_groups = ["person", "consnt"]'),
    "known-fact": ('waived_by_fact = "document.id_card"', 'waived_by_fact = "document.id_crad"'),
    "fact-or-own": ('own = "Belongs to this one application."\n', ""),
    "form-key": ('key = "wish"', 'key = "phone"'),
    "choices": ('type = "text"', 'type = "code"'),
    "table-columns": ('type = "text"', 'type = "table"'),
    "fields-alike": ('label = "申请事由"', 'label = "民族"'),
    "rule-expression": ('rules = ["age >= 60"]', 'rules = ["agee >= 60"]'),
    "known-platform": ('by = "worker"', 'by = "worker"\ndeliveries = [{ platform = "civil_affairs.case_gatewa" }]'),
    "steps": ('by = "approver"', 'by = "department"'),
    "days": ("days = 5\nunit", "days = 6\nunit"),
    "validity": ("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2025-01-01"),
    "file-name": ('code = "VA-001"', 'code = "VA-002"'),
    "readable": ('fee = "不收费"', 'fees = "不收费"'),
}
#: The same for line.toml.
LINE_SLIPS = {
    "surface": ('api = "1.0"', 'api = "2.0"'),
    "free-claims": ('code_prefix = "VA"', 'code_prefix = "MZ"'),
    "known-roles": ('decide = ["approver"]', 'decide = ["director"]'),
    "shipped": ('.hooks"', '.hocks"'),
    "readable": ('api = "1.0"', 'api = "1.0'),
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    write_line(name_line("veterans-affairs", "VA", date(2026, 1, 1)), tmp_path / "package")
    return tmp_path / "package"


@pytest.fixture
def change(package: Path) -> Change:
    """Change one text in one file of a fresh line and check it."""

    def changing(file: str, old: str, new: str) -> list[Finding]:
        path = package / "veterans_affairs" / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")
        return list(check_folder(package).findings)

    return changing


def test_fresh_line_has_nothing_to_correct(package: Path) -> None:
    checked = check_folder(package)

    assert checked.findings == ()
    assert (checked.lines, checked.items, checked.platforms) == (1, 1, 0)


def test_shipped_lines_and_platforms_have_nothing_to_correct() -> None:
    checked = check_installed()

    assert checked.findings == ()
    assert (checked.lines, checked.items) == (31, 333)


@pytest.mark.parametrize("rule", SLIPS)
def test_slip_in_an_item_is_found_by_its_rule(change: Change, rule: str) -> None:
    found = change("items/VA-001.toml", *SLIPS[rule])

    assert rule in {finding.rule for finding in found}
    finding = next(finding for finding in found if finding.rule == rule)
    assert finding.file.endswith("items/VA-001.toml")
    assert finding.line > 0 or rule == "purpose"
    assert finding.text


@pytest.mark.parametrize("rule", LINE_SLIPS)
def test_slip_in_a_line_is_found_by_its_rule(change: Change, rule: str) -> None:
    found = change("line.toml", *LINE_SLIPS[rule])

    assert rule in {finding.rule for finding in found}
    assert next(finding for finding in found if finding.rule == rule).line > 0


def test_finding_names_the_line_and_what_was_meant(change: Change) -> None:
    (found,) = change("items/VA-001.toml", *SLIPS["known-group"])

    assert (found.line, found.hint) == (28, "did you mean consent?")


def test_everything_wrong_with_a_file_is_said_at_once(change: Change) -> None:
    found = change("items/VA-001.toml", 'fee = "不收费"', 'fees = "不收费"\nrulez = []')

    assert [finding.text for finding in found] == ["there is no key fees", "there is no key rulez"]
    assert [finding.hint for finding in found] == ["did you mean fee?", "did you mean rules?"]


def test_exemption_with_a_reason_is_kept(change: Change) -> None:
    old, new = SLIPS["days"]

    assert change("items/VA-001.toml", old, f"# check: days because the appeal is counted\n{new}") == []


def test_exemption_without_a_reason_counts_for_nothing(change: Change) -> None:
    old, new = SLIPS["days"]

    found = change("items/VA-001.toml", old, f"# check: days\n{new}")

    assert [finding.rule for finding in found] == ["exemption", "days"]


def test_exemption_from_no_rule_is_found_with_what_was_meant(change: Change) -> None:
    (found,) = change("items/VA-001.toml", "fee =", "# check: dayz because the appeal is counted\nfee =")

    assert (found.rule, found.hint) == ("exemption", "did you mean days?")


@pytest.mark.parametrize(
    ("rule", "file", "old", "new"),
    [
        ("python", "hooks.py", "def person", "def def person"),
        ("public-surface", "hooks.py", "from workbench.api", "from workbench.store import ids\nfrom workbench.api"),
        ("templates-readable", "templates/panel.html", "{% block main %}", "{% blok main %}"),
        ("templates-safe", "templates/panel.html", "<section", '<section style="x"'),
        ("chinese", "templates/panel.html", "Lives at", "Lives in"),
    ],
)
def test_slip_in_code_is_found_with_file_and_line(change: Change, rule: str, file: str, old: str, new: str) -> None:
    found = [finding for finding in change(file, old, new) if finding.rule == rule]

    assert found[0].file.endswith(file)
    assert found[0].line > 0
    assert found[0].hint


def test_two_versions_in_force_on_one_day_are_found(package: Path) -> None:
    item = package / "veterans_affairs" / "items" / "VA-001.toml"
    shutil.copy(item, item.with_name("VA-001-2.toml"))

    assert [finding.rule for finding in check_folder(package).findings] == ["one-version"]


def test_two_items_with_one_title_are_found(package: Path) -> None:
    item = package / "veterans_affairs" / "items" / "VA-001.toml"
    item.with_name("VA-002.toml").write_text(item.read_text("utf-8").replace("VA-001", "VA-002"), "utf-8")

    assert [finding.rule for finding in check_folder(package).findings] == ["unique-titles", "unique-titles"]


def test_folder_without_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no line\.toml"):
        check_folder(tmp_path)


def test_every_rule_says_what_it_promises() -> None:
    rules = explain_rules()

    assert all(rules.values())
    assert set(SLIPS) | set(LINE_SLIPS) <= {*rules, "readable"}
