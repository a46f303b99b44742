"""Pages of retention: for who has the right, release after seeing it, holds with reasons, every step in the trail."""

import pytest
from conftest import Act
from far_year import At, Night, conclude
from screens import Count, World
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.cases.review import note_appeal
from workbench.identity.models import AuditRow
from workbench.retention.models import ErasureRow, HoldRow

AT = "/h/wutong/retention"


@pytest.fixture
def due(world: World, act: Act, night: Night) -> ErasureRow:
    with act() as ctx:
        conclude(ctx, world.make_case(ctx, "MZ-003"))
    world.app.extensions["workbench"] = _later(world.app.extensions["workbench"])
    (row,) = night.look()
    return row


def _later(services):
    from dataclasses import replace

    return replace(services, clock=At())


@pytest.mark.parametrize("who", ["worker1", "reviewer1", "hubadmin1", "sysadmin"])
def test_only_the_right_opens_it(world: World, who: str) -> None:
    client = world.sign_in(who)
    assert client.get(AT).status_code == 403
    assert client.post(AT, data={"chosen": "x", "reason": "档案规定"}).status_code == 403


def test_an_empty_list_says_when_something_appears(world: World) -> None:
    assert "没有到期待删除的内容" in world.sign_in("approver1").get(AT).get_data(as_text=True)


def test_it_is_seen_then_released_then_gone(world: World, due: ErasureRow, act: Act, night: Night) -> None:
    client = world.sign_in("approver1")
    listed = client.get(AT).get_data(as_text=True)
    assert due.case_no in listed
    assert "通常期限，未设规定" in listed
    opened = client.get(f"{AT}/{due.id}").get_data(as_text=True)
    assert "受理时的表单" in opened

    wrong = client.post(AT, data={"chosen": due.id, "reason": ""})
    assert wrong.status_code == 422
    assert f'value="{due.id}"' in wrong.get_data(as_text=True)
    assert "checked" in wrong.get_data(as_text=True)
    for _ in range(2):
        assert client.post(AT, data={"chosen": due.id, "reason": "档案规定"}).status_code == 303
    night.erase()
    assert "由 approver1 批准：档案规定" in client.get(f"{AT}/{due.id}").get_data(as_text=True)
    with act() as ctx:
        acts = list(ctx.session.exec(select(AuditRow.action).where(AuditRow.subject == due.mark)))
    assert acts.count("erasure.release") == acts.count("erasure.done") == 1
    assert "retention.look" in acts


def test_what_is_held_has_no_box_until_the_hold_is_lifted(world: World, due: ErasureRow, act: Act) -> None:
    client = world.sign_in("approver1")
    wrong = client.post(f"{AT}/hold", data={"number": "nothing", "why": "诉讼中"})
    assert (wrong.status_code, "没有这个办件编号" in wrong.get_data(as_text=True)) == (422, True)
    for _ in range(2):
        client.post(f"{AT}/hold", data={"number": due.case_no, "why": "诉讼中", "everything": "no"})
    with act() as ctx:
        (hold_id,) = ctx.session.exec(select(HoldRow.id)).all()
    held = client.get(AT).get_data(as_text=True)
    assert "保留：诉讼中" in held
    assert f'name="chosen" value="{due.id}"' not in held
    assert client.post(f"{AT}/hold/{hold_id}/lift", data={}).status_code == 422
    assert client.post(f"{AT}/hold/{hold_id}/lift", data={f"lift-{hold_id}": "已判决"}).status_code == 303
    assert f'name="chosen" value="{due.id}"' in client.get(AT).get_data(as_text=True)


def test_an_appeal_keeps_a_case_until_somebody_says_how_it_ended(world: World, due: ErasureRow, act: Act) -> None:
    with act() as ctx:
        note_appeal(ctx, ctx.session.get_one(CaseRow, due.case_id), "居民不服")
    client = world.sign_in("approver1")
    assert "已登记申诉，尚未了结" in client.get(f"{AT}/{due.id}").get_data(as_text=True)
    client.post(f"{AT}/{due.id}", data={"action": "appeal", "reason": "维持原决定"})
    assert "尚未了结" not in client.get(f"{AT}/{due.id}").get_data(as_text=True)


def test_another_hub_sees_and_releases_nothing(world: World, due: ErasureRow, act: Act) -> None:
    with act("approver1") as ctx:
        ctx.session.get_one(ErasureRow, due.id).hub_id = "yinxing"
    client = world.sign_in("approver1")
    assert due.case_no not in client.get(AT).get_data(as_text=True)
    assert client.get(f"{AT}/{due.id}").status_code == 404
    assert client.post(f"{AT}/{due.id}", data={"action": "release", "reason": "档案规定"}).status_code == 404
    client.post(AT, data={"chosen": due.id, "reason": "档案规定"})
    with act() as ctx:
        assert ctx.session.get_one(ErasureRow, due.id).state == "due"


def test_the_list_asks_the_same_for_one_and_for_five(world: World, act: Act, night: Night) -> None:
    client, counted = world.sign_in("approver1"), []
    for more in (1, 4):
        with act() as ctx:
            for _ in range(more):
                conclude(ctx, world.make_case(ctx, "MZ-003"))
        night.look()
        client.get(AT)
        with Count(world) as count:
            client.get(AT)
        counted.append(len(count.statements))
    assert counted[0] == counted[1]
