"""What people do by hand: the re-keying sheet, its number typed twice, and what to say when an answer was lost."""

from typing import Any

import pytest
from screens import Stood, World, text_of
from sqlmodel import col, select

from workbench.cases.models import CaseRow
from workbench.delivery.models import DeliveryRow, OutcomeRow, PayloadRow
from workbench.identity.models import AuditRow


@pytest.fixture
def typed(world: World, act: Any) -> Stood:
    """A delivery that waits for somebody to type it in."""
    with act("worker1") as ctx:
        return world.stand(ctx, "MZ-010", "needs-people", "rekey")


@pytest.fixture
def lost(world: World, act: Any) -> Stood:
    """A delivery whose answer was lost."""
    with act("worker1") as ctx:
        return world.stand(ctx, "CL-001", "needs-people", "outcome-unknown", in_doubt=True, attempts=1)


def state_of(act: Any, stood: Stood) -> tuple[str, str, str]:
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, stood.delivery)
        return row.state, row.reason, row.reference


def sheet_url(stood: Stood) -> str:
    return f"/h/wutong/deliveries/{stood.delivery}/sheet"


def unknown_url(stood: Stood) -> str:
    return f"/h/wutong/deliveries/{stood.delivery}/unknown"


def test_sheet_keeps_their_order_by_page_with_their_words(world: World, typed: Stood) -> None:
    page = text_of(world.sign_in("worker1").get(sheet_url(typed)).text)
    places = [
        page.index(word) for word in ("补贴种类", "身份证号", "来源编号", "残疾人证号码", "发放账号", "补贴受理号")
    ]
    assert places == sorted(places)
    assert "困难残疾人生活补贴 (MZ-010)" in page
    assert "990101195003071239" in page
    assert "没有对应的对方用语。" in page  # no code of theirs for this bank


def test_each_view_of_the_sheet_is_written_down(world: World, act: Any, typed: Stood) -> None:
    for _ in range(2):
        world.sign_in("worker1").get(sheet_url(typed))
    with act("worker1") as ctx:
        rows = ctx.session.exec(select(AuditRow).where(AuditRow.action == "delivery.sheet")).all()
        assert [row.subject for row in rows] == [f"delivery:{typed.delivery}"] * 2
        assert rows[0].person_id == ctx.session.get_one(CaseRow, typed.case).person_id


def test_sheet_of_a_changed_form_is_not_shown(world: World, act: Any, typed: Stood) -> None:
    with act("worker1") as ctx:
        payload = ctx.session.get_one(PayloadRow, ctx.session.get_one(DeliveryRow, typed.delivery).payload_id)
        payload.content = {**payload.content, "values": {"name": "另一人"}}
    page = world.sign_in("worker1").get(sheet_url(typed)).text
    assert "存档的表单与受理时不一致" in page
    assert "另一人" not in page


def test_number_typed_differently_is_refused_with_both_kept(world: World, act: Any, typed: Stood) -> None:
    response = world.sign_in("worker1").post(sheet_url(typed), data={"number": "BT-1", "number_again": "BT-2"})
    assert response.status_code == 422
    assert "两次填写的编号不一致" in response.text
    assert 'value="BT-1"' in response.text
    assert 'value="BT-2"' in response.text
    assert state_of(act, typed)[0] == "needs-people"


def test_missing_number_is_asked_for(world: World, typed: Stood) -> None:
    response = world.sign_in("worker1", "en").post(sheet_url(typed), data={"number": " ", "number_again": ""})
    assert response.status_code == 422
    assert "Enter the number their system gave." in response.text


def test_number_typed_twice_is_taken_and_then_the_decision(world: World, act: Any, typed: Stood) -> None:
    client = world.sign_in("worker1")
    assert client.post(sheet_url(typed), data={"number": "BT-1", "number_again": "BT-1"}).status_code == 303
    assert state_of(act, typed) == ("accepted", "", "BT-1")
    decision = sheet_url(typed).replace("sheet", "decision")
    assert decision in client.get(sheet_url(typed)).text
    empty = client.post(decision, data={"status": "granted", "text": " "})
    assert empty.status_code == 422
    assert "请照录部门的原话。" in empty.text
    assert client.post(decision, data={"status": "granted", "text": "准予，次月发放"}).status_code == 303
    assert state_of(act, typed)[0] == "done"
    with act("worker1") as ctx:
        outcomes = (
            select(OutcomeRow.status).where(OutcomeRow.delivery_id == typed.delivery).order_by(col(OutcomeRow.id))
        )
        said = ctx.session.exec(outcomes).all()
        assert list(said) == ["accepted", "granted"]
    late = client.post(decision, data={"status": "refused", "text": "不同意"})
    assert late.status_code == 409
    assert "这件报送的状态刚刚变了" in late.text


def test_screen_of_the_department_is_linked_only_where_a_browser_may_open_it(
    world: World, act: Any, typed: Stood
) -> None:
    from workbench.delivery.models import PlatformRow

    client = world.sign_in("worker1")
    assert "打开对方系统" not in client.get(sheet_url(typed)).text
    for address, shown in (("https://allowances.example/", True), ("javascript:alert(1)", False)):
        with act("worker1") as ctx:
            row = ctx.session.get(PlatformRow, "civil_affairs.two_allowances")
            row = row or PlatformRow(platform_id="civil_affairs.two_allowances")
            row.settings = {"base_url": address}
            ctx.session.add(row)
        assert (address in client.get(sheet_url(typed)).text) is shown


def test_lost_answer_is_explained_and_needs_a_finding(world: World, lost: Stood) -> None:
    client = world.sign_in("worker1", "en")
    page = text_of(client.get(unknown_url(lost)).text)
    assert lost.delivery in page
    assert "Search there for our number" in page
    response = client.post(unknown_url(lost), data={"finding": "arrived", "reference": " "})
    assert response.status_code == 422
    assert "Enter the department" in response.text
    assert client.post(unknown_url(lost), data={}).status_code == 422


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"finding": "arrived", "reference": "CL-7"}, ("accepted", "", "CL-7")),
        ({"finding": "not arrived"}, ("waiting", "", "")),
    ],
)
def test_finding_moves_the_delivery_once(
    world: World, act: Any, lost: Stood, form: dict[str, str], expected: tuple[str, str, str]
) -> None:
    client = world.sign_in("worker1")
    assert client.post(unknown_url(lost), data=form).status_code == 303
    assert state_of(act, lost) == expected
    again = client.post(unknown_url(lost), data=form)
    assert again.status_code == 409
    assert "What did you find" not in again.text


def test_others_may_not_do_it(world: World, typed: Stood) -> None:
    assert world.sign_in("reviewer1").get(sheet_url(typed)).status_code == 403
    assert world.sign_in("worker21").get(sheet_url(typed).replace("wutong", "yinxing")).status_code == 404
