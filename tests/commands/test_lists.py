"""The commands that list: for people and, with --json, for programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.store.clock import Clock
from workbench.store.engine import Store
from workbench.store.ids import new_id

Call = Callable[..., Result]
LINES = ["civil_affairs", "disability_federation", "family_planning", "social_security"]


def test_lines_tell_state_owner_and_hubs(call: Call) -> None:
    assert call("lines", "open", "civil_affairs", "--hub", "yinxing").exit_code == 0

    found = json.loads(call("lines", "--json").stdout)

    by_id = {line["id"]: line for line in found}
    assert len(found) == 31
    assert {line["state"] for line in found} == {"ready"}
    assert [by_id[line]["items"] for line in LINES] == [26, 28, 26, 47]
    assert {line["id"]: line["open_at"] for line in found if line["open_at"]} == {"civil_affairs": ["yinxing"]}
    assert found[0]["owner"] and found[0]["version"]


def test_line_closed_at_a_hub_is_open_nowhere(call: Call) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing")

    assert "is closed at yinxing" in call("lines", "close", "civil_affairs", "--hub", "yinxing").output
    assert not any(line["open_at"] for line in json.loads(call("lines", "--json").stdout))


def test_opening_and_closing_a_line_is_in_the_audit_trail(call: Call) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing")
    call("lines", "close", "civil_affairs", "--hub", "yinxing")

    assert "The trail holds: 4 rows in 1 streams, 0 checkpoints." in call("audit", "verify").output


def test_line_cannot_be_opened_at_a_hub_nobody_knows(call: Call) -> None:
    answer = call("lines", "open", "civil_affairs", "--hub", "wutongg")

    assert answer.exit_code == 1
    assert "no hub 'wutongg'; there are: wutong, yinxing" in answer.output


def test_open_line_cannot_be_removed(call: Call) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing")

    answer = call("lines", "remove", "civil_affairs", "--yes")

    assert answer.exit_code == 1
    assert "open at yinxing; close it there first" in answer.output


def test_removed_line_has_no_settings_left(call: Call) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing")
    call("lines", "close", "civil_affairs", "--hub", "yinxing")

    assert call("lines", "remove", "civil_affairs", "--yes").exit_code == 0
    assert "was never open" in call("lines", "close", "civil_affairs", "--hub", "yinxing").output


def test_items_are_listed_line_by_line(call: Call) -> None:
    everything = json.loads(call("items", "--json").stdout)
    one_line = json.loads(call("items", "--json", "--line", "family_planning").stdout)

    assert len(everything) == 333
    assert {item["line"] for item in one_line} == {"family_planning"}
    assert one_line[0]["code"] == "WJ-001"
    assert one_line[0]["platforms"] == ["family_planning.birth_registration"]


def test_items_of_an_unknown_line_are_refused(call: Call) -> None:
    answer = call("items", "--line", "nobody")

    assert answer.exit_code == 1
    assert "no line 'nobody' is installed" in answer.output


def test_platforms_are_listed_before_anybody_looked(call: Call) -> None:
    found = json.loads(call("platforms", "--json").stdout)

    assert len(found) >= 9
    assert {platform["health"] for platform in found} == {"unknown"}


def test_platform_without_settings_is_unconfigured(call: Call) -> None:
    answer = call("platforms", "check", "civil_affairs.case_gateway")

    assert answer.exit_code == 1
    assert "unconfigured" in answer.output


def test_platform_nobody_installed_cannot_be_checked(call: Call) -> None:
    assert "no platform 'x.y' is installed" in call("platforms", "check", "x.y").output


@pytest.fixture
def two_deliveries(store: Store) -> None:
    now = Clock().now()
    with store.write() as session:
        session.add(PayloadRow(id="payload", content={}, digest="0", created_at=now))
        session.flush()
        for number, state in enumerate(("waiting", "done")):
            row = DeliveryRow(
                id=new_id(), case_id="case", case_no=f"A{number}", hub_id="wutong", operation="apply",
                platform_id="civil_affairs.case_gateway", division="990100001001",
                item_code="MZ-001", item_version="2026.1", item_title="低保",
                worker_name="worker1", lane="case", position=number, payload_id="payload", state=state,
                due_at=now, created_at=now, updated_at=now,
            )  # fmt: skip
            session.add(row)


@pytest.mark.usefixtures("two_deliveries")
def test_deliveries_are_chosen_by_state_and_platform(call: Call) -> None:
    def numbers(*options: str) -> list[str]:
        return sorted(row["case_no"] for row in json.loads(call("deliveries", "--json", *options).stdout))

    assert numbers() == ["A0", "A1"]
    assert numbers("--state", "waiting") == ["A0"]
    assert numbers("--platform", "civil_affairs.case_gateway") == ["A0", "A1"]
    assert numbers("--platform", "civil_affairs.means_check") == []


def test_empty_list_says_so(call: Call) -> None:
    assert call("deliveries").output == "No delivery.\n"


def test_items_prefill_names_share_and_open_fields(call: Call) -> None:
    (row,) = json.loads(call("items", "prefill", "MZ-008", "--json").stdout)

    assert row["is_enough"] and row["again"] >= 85
    assert row["unfilled"] == ["authorize_members", "authorize_scope", "signature"]
    assert call("items", "prefill", "NO-001").exit_code == 1


def test_hubs_go_out_into_files_and_come_in_without_a_change(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "hubs"
    assert "2 hubs are written" in call("hubs", "export", str(folder)).output
    assert call("hubs", "import", str(folder)).output == "Nothing differs.\n"
    file = folder / "wutong.toml"
    file.write_text(file.read_text("utf-8").replace('closes = "21:00"', 'closes = "20:00"'), "utf-8")
    trial = call("hubs", "import", str(folder), "--dry-run").output
    assert "wutong: closes '21:00' -> '20:00'" in trial and "nothing was changed" in trial
    assert call("hubs", "import", str(folder)).output == trial.replace(
        "would be made; nothing was changed", "were made"
    )
    assert call("hubs", "import", str(folder)).output == "Nothing differs.\n"
    assert "wutong" in call("hubs").output
    assert call("hubs", "export", str(folder), "--hub", "nowhere").exit_code == 1


def test_line_is_opened_under_a_named_admission_only(call: Call) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing", "--waive-rehearsal", "x")
    assert "is admitted" not in call("lines", "rehearse", "nothing", "--hub", "yinxing").output
    named = call("lines", "open", "housing", "--hub", "yinxing", "--admission", "Directory 1", "--until", "2020-01-01")
    assert named.exit_code == 1 and "Its last day is over." in named.output
    assert call("lines", "open", "housing", "--hub", "yinxing", "--admission", "Directory 1").exit_code == 0
