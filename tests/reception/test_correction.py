"""A correction: the department's words, only the named field, the old form untouched, the clock running again."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from scans import picture
from screens import Stood, World, open_world, text_of
from sqlmodel import col, select

import workbench.reception.views
from workbench.cases.models import CaseMaterialRow, CaseRow, SuspensionRow
from workbench.cases.moves import force_move
from workbench.cases.suspend import suspend
from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.people.models import FactRow
from workbench.reception.correction_views import blueprint
from workbench.settings import Settings
from workbench.store.clock import Clock
from workbench.store.engine import Store

PNG = picture()


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    mounted = dict.fromkeys([*workbench.reception.views.blueprints, blueprint])
    monkeypatch.setattr(workbench.reception.views, "blueprints", list(mounted))
    opened = open_world(settings, store, monkeypatch, "delivery", "cases", "reception")
    yield opened
    opened.app.extensions["workbench"].store.close()


def ask(world: World, act: Any, field: str = "income_month", code: str = "MZ-001") -> Stood:
    """Let the department ask for a correction two weeks ago: working days have passed, whatever feast it is."""
    with act("worker1", clock=Clock(timedelta(days=-28))) as ctx:
        stood = world.stand(ctx, code, "refused", "refused")
    with act("worker1", clock=Clock(timedelta(days=-14))) as ctx:
        case = ctx.session.get_one(CaseRow, stood.case)
        suspend(ctx, case, "correction", "收入与社保记录不符")
        said = {"platform": "civil_affairs.case_gateway", "text": "收入与社保记录不符", "field": field}
        force_move(ctx, case, "department_correction", **said)
    return stood


@pytest.fixture
def asked(world: World, act: Any) -> Stood:
    return ask(world, act)


def url(stood: Stood) -> str:
    return f"/h/wutong/cases/{stood.case}/correction"


def form_of(act: Any, stood: Stood, **values: Any) -> dict[str, Any]:
    with act("worker1") as ctx:
        version = ctx.session.get_one(CaseRow, stood.case).version
    return {"_version": str(version), "_note": "已更正收入", "income_month": "1500", **values}


def test_page_shows_the_departments_words_and_opens_only_the_named_field(world: World, asked: Stood) -> None:
    page = world.sign_in("worker1").get(url(asked)).text
    assert "民政业务协同网关" in page
    assert "收入与社保记录不符" in page
    assert 'name="income_month"' in page
    assert 'name="poverty_cause"' not in page
    assert "因病" in text_of(page)  # read-only
    assert "990101195003071239" not in page


def test_all_fields_open_when_none_is_named(world: World, act: Any) -> None:
    page = world.sign_in("worker1").get(url(ask(world, act, field=""))).text
    assert 'name="income_month"' in page
    assert 'name="poverty_cause"' in page


def test_supplied_correction_keeps_the_old_form_and_goes_to_the_platform_that_decides(
    world: World, act: Any, asked: Stood
) -> None:
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, asked.case)
        old, number, due = case.payload_id, case.case_no, case.due_on
    response = world.sign_in("worker1").post(url(asked), data=form_of(act, asked))
    assert response.status_code == 303
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, asked.case)
        assert (case.state, case.case_no) == ("reviewing", number)
        assert case.payload_id != old
        assert ctx.session.get_one(PayloadRow, old).content["values"]["income_month"] == 120000
        fresh = ctx.session.get_one(PayloadRow, case.payload_id).content
        assert fresh["values"]["income_month"] == 150000
        assert fresh["values"]["poverty_cause"] == "illness"
        assert fresh["decide"] == "after_opinion"
        query = select(DeliveryRow).where(DeliveryRow.case_id == asked.case).order_by(col(DeliveryRow.id).desc())
        sent = ctx.session.exec(query).first()
        assert sent is not None
        assert (sent.platform_id, sent.operation, sent.state) == ("civil_affairs.case_gateway", "supply", "waiting")
        assert sent.payload_id == case.payload_id
        pause = ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == asked.case)).one()
        assert pause.to_day == ctx.clock.today()
        assert due is not None and case.due_on is not None and case.due_on > due
        fact = ctx.session.exec(select(FactRow).where(FactRow.key == "means.income_month")).one()
        assert (fact.sealed, fact.rank, fact.case_id) == ("150000", 1, asked.case)


def test_field_that_does_not_open_is_not_changed(world: World, act: Any, asked: Stood) -> None:
    world.sign_in("worker1").post(url(asked), data=form_of(act, asked, poverty_cause="study", name="另一人"))
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, asked.case)
        values = ctx.session.get_one(PayloadRow, case.payload_id).content["values"]
        assert (values["poverty_cause"], values["name"]) == ("illness", "测试甲")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"_note": " "}, "请写明理由。"),
        ({"income_month": "很多"}, "请只填写数字。"),
        ({"income_month": ""}, "请填写："),
    ],
)
def test_what_hinders_stands_beside_its_field_and_nothing_typed_is_lost(
    world: World, act: Any, asked: Stood, changed: dict[str, str], words: str
) -> None:
    form = form_of(act, asked) | changed
    response = world.sign_in("worker1").post(url(asked), data=form)
    assert response.status_code == 422
    assert words in response.text
    if form["_note"].strip():
        assert "已更正收入</textarea>" in response.text
    else:
        assert 'value="1500"' in response.text
    with act("worker1") as ctx:
        assert ctx.session.get_one(CaseRow, asked.case).state == "correction"


def test_paper_is_kept_even_when_a_field_hinders_and_travels_later(world: World, act: Any, asked: Stood) -> None:
    client = world.sign_in("worker1")
    scan = {"scan-income_proof": (io.BytesIO(PNG), "工资单.png")}
    wrong = client.post(url(asked), data=form_of(act, asked) | {"_note": ""} | scan)
    assert wrong.status_code == 422
    assert "工资单.png" in wrong.text
    assert client.post(url(asked), data=form_of(act, asked) | {"_seen": "hukou_book"}).status_code == 303
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, asked.case)
        files = ctx.session.get_one(PayloadRow, case.payload_id).content["files"]
        assert [(file["material"], file["media_type"]) for file in files] == [("income_proof", "image/png")]
        seen = ctx.session.get_one(CaseMaterialRow, (asked.case, "hukou_book"))
        assert seen.state == "sighted"


def test_unreadable_paper_is_refused_beside_its_field(world: World, act: Any, asked: Stood) -> None:
    scan = {"scan-income_proof": (io.BytesIO(b"MZ not a picture"), "a.exe")}
    response = world.sign_in("worker1").post(url(asked), data=form_of(act, asked) | scan)
    assert response.status_code == 422
    assert 'id="f-scan-income_proof-error"' in response.text


def test_stale_correction_is_refused_with_what_was_typed(world: World, act: Any, asked: Stood) -> None:
    form = form_of(act, asked, _version="1")
    response = world.sign_in("worker1").post(url(asked), data=form)
    assert response.status_code == 422
    assert "这件办件刚刚被他人更新" in response.text
    assert 'value="1500"' in response.text


def test_case_that_moved_on_leads_to_its_page(world: World, act: Any, asked: Stood) -> None:
    client, form = world.sign_in("worker1"), form_of(act, asked)
    assert client.post(url(asked), data=form).status_code == 303
    for response in (client.get(url(asked)), client.post(url(asked), data=form)):
        assert response.status_code == 303
        assert response.headers["Location"].endswith(f"/h/wutong/cases/{asked.case}")


def test_two_correct_the_same_case_and_nothing_the_second_typed_is_lost(world: World, act: Any, asked: Stood) -> None:
    first, second = world.sign_in("worker1"), world.sign_in("worker2")
    form = form_of(act, asked)
    assert first.post(url(asked), data=form).status_code == 303
    told = second.post(url(asked), data=form | {"_note": "收入按新证明更正", "income_month": "1,650"})
    assert told.status_code == 409
    words = text_of(told.text)
    assert "此办件目前不需要补正" in words
    assert "收入按新证明更正" in words
    assert "1,650" in words
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, asked.case)
        assert ctx.session.get_one(PayloadRow, case.payload_id).content["values"]["income_month"] == 150000


def test_reviewer_may_not_correct(world: World, asked: Stood) -> None:
    assert world.sign_in("reviewer1").get(url(asked)).status_code == 403
