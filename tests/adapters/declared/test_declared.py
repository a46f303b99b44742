"""Declared platforms over the wire: every promise of an adapter, without a line of Python of their own."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from waiting import PATIENCE, wait_for

from workbench.api import BrokenPromise, NeedsCredentials, Question, Refused, TryLater
from workbench.testing.department import Assigned
from workbench.testing.samples import make_parcel

ASKED = ["housing", "legal_aid", "pensions"]
WRITTEN = ["veterans", "rents"]
DEPARTMENT = Path(__file__).with_name("department")
NUMBER = iter(range(1, 999))


def fresh(**values):
    number = next(NUMBER)
    return make_parcel("ZJ-001", values, key=f"01JDECLARED{number:015}", case_no=f"HUB01-20261122-{number:06}")


def outcomes_of(adapter, key):
    """Collect everything from the start and keep what is about one parcel."""
    found, cursor, more = [], "", True
    while more:
        batch = adapter.collect(cursor)
        found += batch.outcomes
        cursor, more = batch.cursor, batch.more
    return [outcome for outcome in found if outcome.key == key]


@pytest.mark.parametrize("name", ASKED)
def test_parcel_is_taken_once_found_and_decided(departments, name) -> None:
    department = departments(name)
    adapter = department.adapter()
    parcel = fresh(household_members=[{"member_name": "测试乙", "member_income": 80000}], wish="想早点办")

    before = datetime.now(UTC).replace(microsecond=0)
    first, again = adapter.push(parcel), adapter.push(parcel)

    assert (first.state, again.state) == ("accepted", "duplicate")
    assert first.reference and first.reference == again.reference
    assert first.reference.encode() in first.proof
    assert before <= first.at <= datetime.now(UTC)
    assert adapter.find(parcel.key).reference == first.reference
    assert adapter.find("01JD000000000000000NOTHERE") is None
    states = [outcome.status for outcome in outcomes_of(adapter, parcel.key)]
    assert states[-1] == "granted"


@pytest.mark.parametrize("name", ASKED)
def test_correction_names_our_field(departments, name) -> None:
    department = departments(name)
    parcel = fresh()
    department.set_faults(correction=[parcel.case_no])
    adapter = department.adapter()

    adapter.push(parcel)

    last = outcomes_of(adapter, parcel.key)[-1]
    assert (last.status, last.field, last.raw_status) == ("correction", "phone", "30")


@pytest.mark.parametrize("name", ASKED)
def test_same_cursor_gives_the_same_answer(departments, name) -> None:
    department = departments(name)
    adapter = department.adapter()
    adapter.push(fresh())

    first = adapter.collect("")

    assert adapter.collect("") == first
    assert len({outcome.message_id for outcome in first.outcomes}) == len(first.outcomes)


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"down": True}, TryLater),
        ({"error_in_200": True}, TryLater),
        ({"closed_for_settlement": True}, TryLater),
        ({"http_500": True}, TryLater),
        ({"slow_ms": 1300}, TryLater),
        ({"expired_credentials": True}, NeedsCredentials),
        ({"unknown_code": True}, BrokenPromise),
        ({"canned_success": True}, BrokenPromise),
        ({"wrong_shape": True}, BrokenPromise),
        ({"garbage": True}, BrokenPromise),
        ({"sign_in_page": True}, BrokenPromise),
        ({"huge_answer": True}, BrokenPromise),
        ({"gb18030": True}, BrokenPromise),
        ({"redirect": "http://127.0.0.2:9/"}, BrokenPromise),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_fault_is_told_by_recovery_and_never_taken_for_success(departments, name, fault, error) -> None:
    department = departments(name)
    adapter = department.adapter({"timeout_seconds": 1.0} if "slow_ms" in fault else {})
    department.set_faults(**fault)

    with pytest.raises(error):
        adapter.push(fresh())


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("fault", ["lose_answer", "http_500_after_taking"])
def test_lost_answer_is_found(departments, name, fault) -> None:
    department, parcel = departments(name), fresh()
    adapter = department.adapter()
    department.set_faults(**{fault: True})
    with pytest.raises(TryLater):
        adapter.push(parcel)

    department.set_faults()

    found = adapter.find(parcel.key)
    assert found.reference == adapter.push(parcel).reference


@pytest.mark.parametrize("name", ["housing", "legal_aid"])
def test_list_in_place_of_a_number_is_a_broken_promise(departments, name) -> None:
    department = departments(name)
    department.set_faults(wrong_type=True)

    with pytest.raises(BrokenPromise):
        department.adapter().push(fresh())


@pytest.mark.parametrize("name", ["legal_aid", "pensions"])
def test_clock_that_is_off_asks_for_credentials(departments, name) -> None:
    department = departments(name)
    department.set_faults(clock_skew_seconds=900)

    with pytest.raises(NeedsCredentials):
        department.adapter().push(fresh())


def test_lent_token_that_ended_is_renewed(departments) -> None:
    department = departments("housing")
    adapter = department.adapter()
    adapter.push(fresh())

    department.set_faults(rotate_secret="other")

    assert adapter.push(fresh()).state == "accepted"


@pytest.mark.parametrize("name", [*ASKED, *WRITTEN])
def test_code_they_do_not_have_is_refused_beside_the_field(departments, name) -> None:
    with pytest.raises(Refused) as refused:
        departments(name).adapter().push(fresh(id_type="999"))
    assert refused.value.field == "id_type"


@pytest.mark.parametrize("name", [*ASKED, *WRITTEN])
def test_field_they_insist_on_is_asked_for_before_anything_is_sent(departments, name) -> None:
    with pytest.raises(Refused) as refused:
        departments(name).adapter().push(fresh(name=""))
    assert (refused.value.code, refused.value.field) == ("missing", "name")


def test_refusal_carries_their_words(departments) -> None:
    department = departments("housing")
    department.set_faults(retired_items=["ZJ-001"])

    with pytest.raises(Refused, match="已停用"):
        department.adapter().push(fresh())


def test_second_operation_has_an_address_of_its_own(departments) -> None:
    adapter = departments("housing").adapter()
    parcel = replace(fresh(termination_reason="搬走了"), operation="withdraw")

    assert adapter.push(parcel).state == "accepted"
    with pytest.raises(Refused):
        adapter.push(replace(parcel, operation="marry"))


def test_lookup_answers_what_was_asked_with_its_day(departments) -> None:
    department = departments("housing")
    question = Question("测试甲", "990101195003071239", ("person.residence_address", "person.marital_status"), "测试")

    answers = department.adapter().lookup(question)

    assert [answer.key for answer in answers] == ["person.residence_address", "person.marital_status"]
    assert answers[1].value == "1" and answers[1].raw == "M"
    assert isinstance(answers[0].as_of, date)
    assert department.adapter().lookup(replace(question, id_no="short")) == ()


@pytest.mark.parametrize("name", WRITTEN)
def test_row_or_file_is_taken_and_answered(departments, name) -> None:
    department = departments(name)
    adapter = department.adapter()
    parcel = fresh(name="测试㛃", wish="想早点办")

    receipt = adapter.push(parcel)
    assert receipt.state == "queued"
    outcomes = wait_for(lambda: [o for o in outcomes_of(adapter, parcel.key) if o.status == "granted"])

    assert outcomes[0].reference.startswith(department.platform.manifest.declared.prefix)
    assert adapter.push(parcel).state == "duplicate"
    assert adapter.find(parcel.key).reference == outcomes[0].reference
    assert len(department.home.entries()) == len({entry.key for entry in department.home.entries()})
    assert "㛃" not in str(department.home.find(parcel.key).message.get("备注", ""))


@pytest.mark.parametrize(
    ("name", "fault"),
    [("veterans", "garbage"), ("veterans", "unknown_code"), ("rents", "garbage"), ("rents", "half_row")],
)
def test_reply_that_cannot_be_read_is_complained_of(own_department, name, fault) -> None:
    department, cursor = own_department(name), ""
    adapter = department.adapter()
    department.set_faults(**{fault: True})
    adapter.push(fresh())

    def is_broken():
        nonlocal cursor
        try:
            cursor = adapter.collect(cursor).cursor
        except BrokenPromise:
            return True
        return False

    assert wait_for(is_broken)


def test_sheet_follows_their_screens(departments) -> None:
    department = departments("heating")
    adapter = department.adapter()

    receipt = adapter.push(fresh(wish="想早点办"))

    assert receipt.state == "handed-over"
    assert "想早点办" in receipt.proof.decode()
    assert [row.theirs for row in adapter.sheet(fresh()) if row.fact == "sex"] == ["男"]
    assert adapter.check().state == "up"
    with pytest.raises(Refused):
        adapter.push(make_parcel("ZJ-999"))
    with pytest.raises(Refused):
        adapter.push(fresh(name=""))


@pytest.mark.parametrize("name", [*ASKED, *WRITTEN, "heating"])
def test_health_is_told(departments, name) -> None:
    department = departments(name)
    adapter = department.adapter()

    assert adapter.check().state == "up"
    department.set_faults(down=True)
    assert wait_for(lambda: department.adapter().check().state in ("down", "degraded"))


def test_several_departments_live_in_one_process(tmp_path) -> None:
    names = ("housing", "pensions", "veterans", "rents", "heating")
    told = [part for name in names for part in (str(DEPARTMENT / name), f"sample.{name}", str(tmp_path / name))]
    command = [sys.executable, "-m", "workbench.testing.run_department", "--with-parent", "--declared", *told]

    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        wait_for(lambda: all((tmp_path / name / "address.json").exists() for name in names))
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_tasks_are_read_after_a_cursor_and_answered(departments) -> None:
    department = departments("housing")
    adapter = department.adapter()
    before = adapter.tasks("")
    for number in (1, 2):
        reference = f"T{next(NUMBER):06}"
        department.home.assign(Assigned(reference, "wutong", "yearly_check", "年检", "2026-12-31", "", f"说明{number}"))

    tasks = adapter.tasks(before[-1].cursor if before else "")

    assert [(task.title, task.kind, task.hub, task.due) for task in tasks] == [
        ("年检", "yearly_check", "wutong", date(2026, 12, 31))
    ] * 2
    assert tasks[0].detail == {"说明": "说明1"} and adapter.tasks(tasks[0].cursor) == tasks[1:]
    assert adapter.tasks(tasks[1].cursor) == ()
    answer = {"task.reference": tasks[0].reference, "task.result": "done", "task.words": "看过了"}
    parcel = replace(fresh(**answer, **{"task.done_on": "2026-11-22"}), operation="task_answer")
    assert adapter.push(parcel).state == "accepted"
    assert next(one for one in department.home.tasks_after(0) if one.reference == tasks[0].reference).result == "done"
    with pytest.raises(Refused, match="没有这项任务"):
        adapter.push(replace(fresh(**answer | {"task.reference": "T0"}), operation="task_answer"))
