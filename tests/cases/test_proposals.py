"""A value corrected once is proposed to every other open case of that person; its owner takes or declines it."""

import pytest
from conftest import Act
from screens import VALUES, World, make_person, text_of
from sqlalchemy import text
from sqlmodel import select

from workbench.cases.find import get_case
from workbench.cases.models import CaseEventRow, CaseRow, DraftRow, ProposalRow
from workbench.cases.proposals import decline, proposals_for, proposals_to, take
from workbench.cases.propose import propose
from workbench.delivery.models import PayloadRow
from workbench.people.corrected import corrected
from workbench.people.facts import FactInput
from workbench.store.ids import new_id
from workbench.store.problems import Problem

ADDRESS = "person.residence_address"
CORRECTED = FactInput(ADDRESS, "示例街道九号", reason="搬家")
LINES = {"MZ-001": "civil_affairs", "CL-001": "disability_federation", "RS-001": "social_security"}


@pytest.fixture
def cases(act: Act, world: World) -> dict[str, str]:
    """One resident with an accepted case in two lines, a form in a third, and a case that is over."""
    with act() as ctx:
        made = {code: world.make_case(ctx, code).id for code in ("MZ-001", "CL-001")}
        made["over"] = world.make_case(ctx, "MZ-001", state="withdrawn").id
        made["form"] = _open_form(ctx, world)
        return made


def _open_form(ctx, world: World) -> str:
    case = world.make_case(ctx, "RS-001", state="draft", case_no=None)
    draft = DraftRow(case_id=case.id, values=dict(VALUES), origins={}, accept_key=new_id(), saved_at=ctx.clock.now())
    ctx.session.add(draft)
    return case.id


def open_ones(ctx) -> dict[str, ProposalRow]:
    return {row.case_id: row for row in ctx.session.exec(select(ProposalRow).where(ProposalRow.state == "open"))}


def test_correction_is_proposed_to_every_other_open_case_in_any_line(act: Act, world: World, cases) -> None:
    with act() as ctx:
        propose(ctx, world.installed, make_person(ctx), [CORRECTED], cases["CL-001"])
        found = open_ones(ctx)
        assert set(found) == {cases["MZ-001"], cases["form"]}
        row = found[cases["MZ-001"]]
        assert (row.field, row.was, row.value, row.reason) == (
            "residence_address",
            "示例街道二号",
            "示例街道九号",
            "搬家",
        )


def test_same_value_is_not_proposed_and_a_newer_one_takes_the_place_of_an_open_one(act, world, cases) -> None:
    with act() as ctx:
        person = make_person(ctx)
        assert propose(ctx, world.installed, person, [FactInput(ADDRESS, VALUES["residence_address"])]) == []
        propose(ctx, world.installed, person, [CORRECTED])
        propose(ctx, world.installed, person, [FactInput(ADDRESS, "示例街道十号")])
        assert {row.value for row in open_ones(ctx).values()} == {"示例街道十号"}
        assert len(ctx.session.exec(select(ProposalRow).where(ProposalRow.state == "lapsed")).all()) == 3


def test_taken_value_goes_into_a_new_frozen_form_and_the_old_one_stays(act, world, cases) -> None:
    with act() as ctx:
        propose(ctx, world.installed, make_person(ctx), [CORRECTED])
        old = ctx.session.get_one(CaseRow, cases["MZ-001"]).payload_id
    with act() as ctx:
        row = open_ones(ctx)[cases["MZ-001"]]
        for _ in range(2):
            take(ctx, row.case_id, row.id)
    with act() as ctx:
        case = ctx.session.get_one(CaseRow, cases["MZ-001"])
        content = ctx.session.get_one(PayloadRow, case.payload_id).content
        assert content["values"]["residence_address"] == "示例街道九号"
        assert content["origins"]["residence_address"]["reason"] == "搬家"
        assert ctx.session.get_one(PayloadRow, old).content["values"]["residence_address"] == "示例街道二号"
        kinds = ctx.session.exec(select(CaseEventRow.kind).where(CaseEventRow.case_id == case.id)).all()
        assert kinds.count("take_correction") == 1


def test_taken_value_goes_into_an_open_form_with_its_origin(act, world, cases) -> None:
    with act() as ctx:
        propose(ctx, world.installed, make_person(ctx), [CORRECTED])
        row = open_ones(ctx)[cases["form"]]
        take(ctx, row.case_id, row.id)
    with act() as ctx:
        draft = ctx.session.get_one(DraftRow, cases["form"])
        assert draft.values["residence_address"] == draft.origins["residence_address"]["held"] == "示例街道九号"
        assert proposals_to(ctx, cases["form"]) == []


def test_declining_needs_a_reason_and_changes_nothing(act, world, cases) -> None:
    with act() as ctx:
        propose(ctx, world.installed, make_person(ctx), [CORRECTED])
        row = open_ones(ctx)[cases["MZ-001"]]
        with pytest.raises(Problem):
            decline(ctx, row.case_id, row.id, " ")
        payload = ctx.session.get_one(CaseRow, row.case_id).payload_id
        decline(ctx, row.case_id, row.id, "原址仍为送达地址")
        assert ctx.session.get_one(CaseRow, row.case_id).payload_id == payload
        with pytest.raises(Problem) as refused:
            take(ctx, row.case_id, row.id)
        assert refused.value.code == "settled_already"


def test_form_of_another_worker_is_theirs_to_decide(act, world, cases) -> None:
    with act() as ctx:
        propose(ctx, world.installed, make_person(ctx), [CORRECTED])
        row = open_ones(ctx)[cases["form"]]
        case_id, proposal_id = row.case_id, row.id
        assert {one.case_id for one in proposals_for(ctx)} == {cases["MZ-001"], cases["CL-001"], cases["form"]}
    with pytest.raises(Problem) as refused, act("worker2") as ctx:
        assert proposals_for(ctx) == []
        take(ctx, case_id, proposal_id)
    assert refused.value.code == "not_yours"


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_pages_show_both_values_and_let_the_owner_decide(act, world, cases, locale) -> None:
    with act() as ctx:
        corrected(ctx, make_person(ctx), [CORRECTED])
    client, case_id = world.sign_in("worker1", locale), cases["MZ-001"]
    assert f"/cases/{case_id}/proposals" in client.get("/h/wutong/corrections").text
    assert f"/cases/{case_id}/proposals" in client.get(f"/h/wutong/cases/{case_id}").text
    url = f"/h/wutong/cases/{case_id}/proposals"
    page = client.get(url).text
    assert "示例街道二号" in page
    assert "示例街道九号" in page
    with act() as ctx:
        proposal_id = open_ones(ctx)[case_id].id
    assert client.post(url, data={"answer": f"{proposal_id}:decline"}).status_code == 422
    assert client.post(url, data={"answer": f"{proposal_id}:take"}).status_code == 303
    assert "示例街道九号" in text_of(client.get(f"/h/wutong/cases/{case_id}").text)
    assert world.sign_in("reviewer1").get(url).status_code == 403
    assert world.sign_in("worker2").get(f"/h/wutong/cases/{cases['form']}/proposals").status_code == 404


@pytest.mark.only_postgresql
def test_correction_does_not_wait_for_whoever_is_at_another_case(act: Act, world: World, cases) -> None:
    with act() as at_work:
        assert get_case(at_work, cases["MZ-001"], lock=True) is not None
        with act("worker2") as ctx:
            ctx.session.execute(text("SET LOCAL lock_timeout = '5s'"))
            propose(ctx, world.installed, make_person(ctx), [CORRECTED], cases["CL-001"])
    with act() as ctx:
        assert set(open_ones(ctx)) == {cases["MZ-001"], cases["form"]}
