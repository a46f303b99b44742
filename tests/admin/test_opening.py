"""The page of opening a line: what it says, what it refuses and writes down; settings, health, reports."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from workbench.api.manifest import Setting
from workbench.host.call import Fault
from workbench.host.discover import Installed, Line
from workbench.hubs.models import AdmissionRow, HubRow, HubSettingRow, LineVersionRow
from workbench.hubs.versions import use_version
from workbench.identity.models import AuditRow
from workbench.opening.faults import keep_faults
from workbench.opening.models import RehearsalRow
from workbench.opening.old_cases import Finding
from workbench.opening.trials import note_trial
from workbench.store.context import Context
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/admin/lines/line0"
SETTINGS = (
    Setting(key="counter", type="text", label_zh="窗口", label_en="Counter", required=False, default="1"),
    Setting(key="code", type="secret", label_zh="口令", label_en="Code", required=False),
    Setting(key="seats", type="number", label_zh="座位", label_en="Seats", required=False),
)


def refusals(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        rows = session.exec(select(AuditRow.action, AuditRow.detail).order_by(col(AuditRow.id))).all()
    return [(action, detail["why"]) for action, detail in rows if action.endswith("_refused")]


def test_page_shows_the_version_in_use_and_why_another_was_refused(sign_in: Callable[..., Any], act: Act) -> None:
    screen = sign_in()
    assert "is pinned when the line is opened for the first time." in screen.read(f"{PAGE}/opening")
    dropped = Finding(
        "stop", "items/AA-001.toml", "字段 wish 已删去；3 件在办", "the field wish is gone; 3 open cases", "另加新版本",
        "add a file with a new version",
    )  # fmt: skip
    with act("hubadmin1") as ctx:
        kept = {"line_id": "line0", "package": "line0", "archive": "0" * 64, "kept_at": ctx.clock.now()}
        use_version(ctx, LineVersionRow(digest="1" * 64, version="2025.1", **kept))
        note_trial(ctx, Line("line0", "line0", Path(__file__).parent, "ready"), [dropped], 7)

    text = screen.read(f"{PAGE}/opening")

    said = ("items/AA-001.toml", "the field wish is gone; 3 open cases", "add a file with a new version", "7 old cases")
    for words in ("version 2025.1", "This process still runs another version.", "Refused", *said):
        assert words in text
    assert "start the processes anew" in screen.read("/h/wutong/admin/lines")


def test_nothing_opens_without_admission_and_rehearsal_and_each_refusal_is_written_down(
    sign_in: Callable[..., Any], store: Store
) -> None:
    screen = sign_in()
    with store.write() as session:
        session.execute(delete(RehearsalRow).where(col(RehearsalRow.line_id) == "line0"))
    text = screen.read(f"{PAGE}/opening")
    assert "a rehearsal of this version that passed or was waived" in text
    assert "This version has not passed a rehearsal here." in screen.send(f"{PAGE}/open")
    assert "State why it is opened without a rehearsal." in screen.send(f"{PAGE}/waive", reason=" ")
    screen.send(f"{PAGE}/waive", reason="The department is away this week")
    with store.write() as session:
        session.execute(delete(AdmissionRow).where(col(AdmissionRow.line_id) == "line0"))
    assert "Nobody has admitted this line here for today." in screen.send(f"{PAGE}/open")
    text = screen.send(f"{PAGE}/admission", approved_by="", directory="Directory 7", valid_to="2020-01-01")
    assert "Say who approved it." in text and "Its last day is over." in text and 'value="Directory 7"' in text

    given = {
        "approved_by": "District",
        "directory": "Directory 7",
        "valid_from": "2026-01-01",
        "valid_to": "2099-01-01",
    }
    assert "The admission is recorded." in screen.send(f"{PAGE}/admission", **given)
    assert "Line 0 is open." in screen.send(f"{PAGE}/open")
    assert refusals(store) == [
        ("line.open_refused", "not_rehearsed"),
        ("line.waive_refused", "reason"),
        ("line.open_refused", "not_admitted"),
        ("line.admission_refused", "approved_by"),
    ]


def test_page_says_what_a_line_adds(sign_in: Callable[..., Any]) -> None:
    text = sign_in().read(f"{PAGE}/opening")
    assert "AA-001" in text and "1 item" in text
    assert "Nothing is sent to a platform." in text


def test_withdrawn_admission_closes_the_line_and_a_new_one_opens_it(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in()
    screen.read(f"{PAGE}/opening")
    screen.send(f"{PAGE}/open")
    with store.read() as session:
        admission = session.exec(select(AdmissionRow.id).where(AdmissionRow.line_id == "line0")).one()
    assert "State why it is withdrawn." in screen.send(f"{PAGE}/admission/{admission}/withdraw")
    text = screen.send(f"{PAGE}/admission/{admission}/withdraw", **{f"why-{admission}": "Directory changed"})
    assert "Line 0 is closed. Its cases stay readable." in text and "Admission withdrawn" in text
    assert screen.post(f"{PAGE}/admission/nothing/withdraw", why="x").status_code == 404
    given = {
        "approved_by": "District",
        "directory": "Directory 8",
        "valid_from": "2026-01-01",
        "valid_to": "2099-01-01",
    }
    assert "Line 0 is open again." in screen.send(f"{PAGE}/admission", **given)


@pytest.fixture
def with_settings(installed: Installed) -> Installed:
    """The first line with settings of its own."""
    first = installed.lines[0]
    assert first.manifest is not None
    changed = replace(first, manifest=first.manifest.model_copy(update={"settings": SETTINGS}))
    return replace(installed, lines=(changed, *installed.lines[1:]))


def test_settings_say_where_each_comes_from_and_keep_secrets(
    make_app: Callable[..., Any], with_settings: Installed, screen_on: Any, store: Store
) -> None:
    with store.write() as session:
        session.add(HubRow(id="street", name_zh="街道", name_en="Street Hub", shape="centre", division="990100001"))
        session.flush()
        session.get_one(HubRow, "wutong").parent_id = "street"
    app = make_app(with_settings)
    above = screen_on(app, "sysadmin")
    above.read("/h/street/admin/lines/line0/opening")
    above.send("/h/street/admin/lines/line0/settings", **{"setting-counter": "7", "setting-code": "s3cret-above"})
    screen = screen_on(app)

    text = screen.read(f"{PAGE}/opening")
    assert "Inherited from Street Hub" in text and 'value="7"' in text
    assert "s3cret-above" not in text and "One is kept and is not shown." in text
    assert "Seats: Enter a number." in screen.send(f"{PAGE}/settings", **{"setting-seats": "many"})
    screen.send(f"{PAGE}/settings", **{"setting-counter": "7", "setting-seats": "4"})
    with store.read() as session:
        own = session.exec(select(HubSettingRow.key).where(HubSettingRow.hub_id == "wutong")).all()
    assert own == ["seats"]  # what is inherited is not made its own
    assert "Set at this hub" in screen.send(f"{PAGE}/settings", **{"setting-counter": "9", "setting-seats": "4"})
    text = screen.send(f"{PAGE}/settings", **{"setting-counter": "9", "inherit-counter": "1", "setting-seats": "4"})
    assert 'value="7"' in text


def test_health_shows_faults_by_line_and_hook(sign_in: Callable[..., Any], store: Store, act: Act) -> None:
    screen = sign_in()
    assert "No line is open here." in screen.read("/h/wutong/admin/health")
    screen.send(f"{PAGE}/open")
    with act("hubadmin1") as ctx:
        keep_faults(ctx.session, [Fault("line0", "check_case", "KeyError", 0.0)] * 2, ctx.clock.now())
    text = screen.read("/h/wutong/admin/health")
    assert "check_case: KeyError, 2 times" in text and "样例科" in text
    assert "Platform 0" in text and "Platform 1" not in text


def test_report_of_a_task_is_answered_by_the_system_admin(sign_in: Callable[..., Any], store: Store) -> None:
    hub_admin, system = sign_in(), sign_in("sysadmin")
    page = "/h/wutong/admin/tasks"
    assert "Nothing was reported." in hub_admin.read(page)
    assert "Say which forms and ledgers it wants" in hub_admin.send(page, title="Survey", department="Bureau")
    for _ in range(2):  # pressed twice
        assert "The report is with the system admin." in hub_admin.send(
            page, title="Survey of dogs", department="Bureau", detail="Two forms a week"
        )
    text = system.read("/h/yinxing/admin/tasks")
    assert text.count("Survey of dogs</h2>") == 1 and "wutong" in text
    task = text.partition("/tasks/")[2].partition("/answer")[0]
    assert hub_admin.post(f"{page}/{task}/answer", state="admitted").status_code == 403
    assert "Write the answer." in system.send(f"/h/yinxing/admin/tasks/{task}/answer", state="refused")
    said = {f"answer-{task}": "Need not be done; we have told the bureau.", "state": "refused"}
    assert "The hub reads your answer" in system.send(f"/h/yinxing/admin/tasks/{task}/answer", **said)
    assert "we have told the bureau" in hub_admin.read(page)
    assert "answered already" in system.send(f"/h/yinxing/admin/tasks/{task}/answer", **said)


def test_hub_admin_reads_what_all_hubs_share_and_cannot_change_it(sign_in: Callable[..., Any]) -> None:
    screen, board = sign_in(), "/h/wutong/admin/platforms/line0.gateway"
    text = screen.read(board)
    assert "All hubs share these settings" in text and 'name="base_url"' not in text and "Hold sending" not in text
    for path in ("", "/staging", "/pause"):
        assert screen.post(f"{board}{path}", base_url="https://x.example", hold="yes").status_code == 403


def test_trial_address_is_kept_beside_the_live_one(sign_in: Callable[..., Any]) -> None:
    screen, board = sign_in("sysadmin"), "/h/wutong/admin/platforms/line0.gateway"
    screen.read(board)
    text = screen.send(f"{board}/staging", **{"staging-base_url": "nowhere"})
    assert "Enter a whole address" in text
    given = {"staging-base_url": "https://trial.example/api", "staging-app_key": "trial-secret"}
    text = screen.send(f"{board}/staging", **given)
    assert "Rehearsals go there." in text and "https://trial.example/api" in text and "trial-secret" not in text
