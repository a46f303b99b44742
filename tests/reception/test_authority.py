"""Who sits at the table, by which authority; and the adults without whose authorisation no means check is filed."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from conftest import Act
from screens import World, open_world, text_of
from sitting import fitting_values, id_number
from sqlmodel import select

from workbench.cases.calendar import seed_calendar
from workbench.cases.models import CaseRow, DraftRow
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import PayloadRow
from workbench.hubs.open_lines import open_line
from workbench.people.authority import Given, end_authority, grant_authority, standing_authorities
from workbench.people.check import PersonInput
from workbench.people.household_events import open_household
from workbench.people.household_models import MeansConsentRow
from workbench.people.household_record import Deed
from workbench.people.means_consent import end_consent, give_consent
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.reception.accept import CannotAccept, accept
from workbench.reception.draft import begin
from workbench.reception.materials import mark
from workbench.settings import Settings
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problem, Problems

AGENT = id_number("99010019750505901")
MEANS = "MZ-001"


@pytest.fixture
def world(settings: Settings, store: Store, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "desk")
    with act("hubadmin1") as ctx:
        open_line(ctx, opened.installed, "civil_affairs")
    with act() as ctx:
        seed_calendar(ctx.session)
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def couple(act: Act, world: World) -> list[str]:
    """Two adults and a child in one household."""
    with act() as ctx:
        born = (("测试甲", "99010019600101901"), ("测试乙", "99010019620101902"), ("测试丙", "99010020200101903"))
        people = [
            register_person(ctx, PersonInput(name=name, id_no=id_number(first), phone="19999900001")).id
            for name, first in born
        ]
        open_household(ctx, people[0], "梧桐路1号", {people[1]: "10", people[2]: "20"}, Deed())
        return people


def given(ctx: Context, **changed: object) -> Given:
    until = ctx.clock.today() + timedelta(days=30)
    words = {"kind": "agent", "name": "测试代", "id_no": AGENT, "phone": "19999900009", "relation": "20"}
    return Given(**{**words, "proof": "委托书", "until": until, **changed})  # type: ignore[arg-type]


def complete(ctx: Context, world: World, person_id: str, code: str = MEANS) -> tuple[CaseRow, DraftRow]:
    """Open a form and answer everything but who signs."""
    item = catalogue(world.installed).find(code, ctx.hub.division, ctx.clock.today())
    assert item is not None
    case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
    draft = ctx.session.get_one(DraftRow, case.id)
    values = fitting_values(form_of(item.manifest)) | dict(draft.values or {})
    members = [row | {"member_income": 100000} for row in values.get("household_members") or ()]
    draft.values = values | ({"household_members": members} if members else {})
    for material in item.manifest.materials:
        mark(ctx, case, item.manifest, material.key, "sighted")
    ctx.session.flush()
    return case, draft


def sign(draft: DraftRow, *names: str) -> None:
    rows = [dict(row) for row in (draft.values or {})["authorize_members"]]
    signed = [row | {"signature": "paper" if row["member_name"] in names else None} for row in rows]
    draft.values = {**(draft.values or {}), "authorize_members": signed}


def file(ctx: Context, world: World, case: CaseRow, draft: DraftRow) -> None:
    accept(ctx, catalogue(world.installed), world.installed, {case.id: draft.accept_key})


def test_means_check_is_not_filed_before_every_adult_has_signed(world: World, act: Act, couple: list[str]) -> None:
    with pytest.raises(CannotAccept) as refused, act() as ctx:
        case, draft = complete(ctx, world, couple[0])
        rows = [row for row in (draft.values or {})["authorize_members"] if row["member_name"] == "测试甲"]
        draft.values = {**(draft.values or {}), "authorize_members": rows}  # the other adult was taken out of the table
        sign(draft, "测试甲")
        file(ctx, world, case, draft)
    (hindered,) = refused.value.hindered.values()
    assert {key: one.code for key, one in hindered.problems.items()} == {"authorize_members": "consent_missing"}
    assert "测试乙" in hindered.problems["authorize_members"].zh
    assert "测试丙" not in hindered.problems["authorize_members"].zh
    with act() as ctx:
        case, draft = complete(ctx, world, couple[0])
        sign(draft, "测试甲", "测试乙")
        file(ctx, world, case, draft)
        kept = ctx.session.exec(select(MeansConsentRow)).all()
        assert {row.person_id for row in kept} == set(couple[:2])
        assert {row.case_id for row in kept} == {case.id}
        again, other = complete(ctx, world, couple[1])  # what was signed for one case serves no other
        assert {row["signature"] for row in (other.values or {})["authorize_members"]} == {None}
        sign(other, "测试乙")
        with pytest.raises(CannotAccept):
            file(ctx, world, again, other)


def test_authorisation_given_before_counts_until_it_ends_or_is_taken_back(
    world: World, act: Act, couple: list[str]
) -> None:
    with act() as ctx:
        today = ctx.clock.today()
        for wrong in (
            (today + timedelta(days=1), today),
            (today, today - timedelta(days=1)),
            (today, date(2099, 1, 1)),
        ):
            with pytest.raises(Problem):
                give_consent(ctx, couple[1], *wrong)
        consent = give_consent(ctx, couple[1], today, today + timedelta(days=10))
        case, draft = complete(ctx, world, couple[0])
        sign(draft, "测试甲")
        with pytest.raises(Problem, match="reason_missing"):
            end_consent(ctx, consent.id, "")
        end_consent(ctx, consent.id, "本人撤回")
        with pytest.raises(CannotAccept):
            file(ctx, world, case, draft)
    with act() as ctx:
        give_consent(ctx, couple[1], today, today + timedelta(days=10))
    with act(clock=Clock(timedelta(days=11))) as ctx:
        case, draft = complete(ctx, world, couple[0])
        sign(draft, "测试甲")
        with pytest.raises(CannotAccept):
            file(ctx, world, case, draft)
    with act() as ctx:
        case, draft = complete(ctx, world, couple[0])
        sign(draft, "测试甲")
        file(ctx, world, case, draft)
        ctx.session.refresh(case)
        sent = ctx.session.get_one(PayloadRow, case.payload_id).content["values"]
        assert {row["signature"] for row in sent["authorize_members"]} == {"paper"}
    page = world.sign_in("worker1").get(f"/h/wutong/cases/{_begin(act, world, couple[0])}/form").text
    assert "不必再签：测试乙" in page


def _begin(act: Act, world: World, person_id: str) -> str:
    with act() as ctx:
        return complete(ctx, world, person_id)[0].id


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"proof": ""}, "proof"), ({"until": None}, "until"), ({"id_no": "1"}, "id_no"), ({"phone": "12"}, "phone"),
        ({"relation": "00"}, "relation"), ({"name": "?"}, "name"), ({"kind": "friend"}, "kind"),
        ({"id_no": id_number("99010019600101901")}, "id_no"),
    ],
)  # fmt: skip
def test_authority_without_a_document_or_an_end_is_refused(act: Act, couple: list[str], changed, field: str) -> None:
    with act() as ctx, pytest.raises(Problems) as refused:
        grant_authority(ctx, couple[0], given(ctx, **changed))
    assert [one.field for one in refused.value.problems] == [field]


def test_authority_is_for_its_items_until_its_day(act: Act, couple: list[str]) -> None:
    with act() as ctx:
        grant_authority(ctx, couple[0], given(ctx, scope=("MZ-004",)))
        guardian = grant_authority(ctx, couple[0], given(ctx, kind="guardian", name="测试监", until=None))
        assert {one.name for one in standing_authorities(ctx, couple[0])} == {"测试代", "测试监"}
        assert {one.name for one in standing_authorities(ctx, couple[0], ["MZ-001"])} == {"测试监"}
        with pytest.raises(Problem):
            end_authority(ctx, guardian.id, "")
        end_authority(ctx, guardian.id, "监护权变更")
        assert {one.name for one in standing_authorities(ctx, couple[0])} == {"测试代"}
    with act(clock=Clock(timedelta(days=31))) as ctx:
        assert standing_authorities(ctx, couple[0]) == []


def test_agent_on_file_sits_here_and_the_receipt_and_the_case_say_so(world: World, act: Act, couple: list[str]) -> None:
    client = world.sign_in("worker1")
    at = f"/h/wutong/people/{couple[0]}/authority"
    with act() as ctx:
        until = (ctx.clock.today() + timedelta(days=30)).isoformat()
    data = {"kind": "agent", "name": "测试代", "id_no": AGENT, "phone": "19999900009", "relation": "20", "until": until}
    assert client.post(at, data=data).status_code == 422
    for _ in range(2):
        assert (
            client.post(at, data=data | {"proof": "经公证的委托书", "key": "01M8AAAAAAAAAAAAAAAAAAAAAA"}).status_code
            == 303
        )
    page = text_of(client.get(at).text)
    assert page.count("经公证的委托书") == 1
    with act() as ctx:
        case, _draft = complete(ctx, world, couple[0], "MZ-004")
        case_id, (authority,) = case.id, standing_authorities(ctx, couple[0])
        authority_id = authority.id
    form = f"/h/wutong/cases/{case_id}/form"
    assert "经公证的委托书" in client.get(form).text
    assert client.post(form, data={"_sits": authority_id, "_save": "1"}).status_code == 200
    with act() as ctx:
        draft = ctx.session.get_one(DraftRow, case_id)
        values, origins = draft.values or {}, draft.origins or {}
        assert (values["agent_name"], values["agent_id_no"], values["_agent"]) == ("测试代", AGENT, True)
        assert (origins["agent_name"]["rank"], origins["agent_name"]["source"]) == ("document", "经公证的委托书")
        file(ctx, world, ctx.session.get_one(CaseRow, case_id), draft)
    with act() as ctx:
        payload = ctx.session.get_one(PayloadRow, ctx.session.get_one(CaseRow, case_id).payload_id)
        assert payload.content["came"]["proof"] == "经公证的委托书"
    for path in (f"/h/wutong/cases/{case_id}/receipt", f"/h/wutong/cases/{case_id}"):
        words = text_of(client.get(path).text)
        assert "测试代" in words
        assert "经公证的委托书" in words
        assert f"至{until}" in words


def test_resident_who_comes_alone_is_said_to(world: World, act: Act, couple: list[str]) -> None:
    client = world.sign_in("worker1")
    with act() as ctx:
        case, _draft = complete(ctx, world, couple[0], "MZ-004")
        case_id = case.id
    assert client.post(f"/h/wutong/cases/{case_id}/form", data={"_sits": "resident", "_save": "1"}).status_code == 200
    with act() as ctx:
        file(ctx, world, ctx.session.get_one(CaseRow, case_id), ctx.session.get_one(DraftRow, case_id))
    assert "到场办理人 本人" in text_of(client.get(f"/h/wutong/cases/{case_id}/receipt").text)


def test_authority_for_other_items_or_over_hinders_the_form(world: World, act: Act, couple: list[str]) -> None:
    client = world.sign_in("worker1")
    with act() as ctx:
        authority_id = grant_authority(ctx, couple[0], given(ctx, scope=("MZ-001",))).id
        case, _draft = complete(ctx, world, couple[0], "MZ-004")
        case_id = case.id
    client.post(f"/h/wutong/cases/{case_id}/form", data={"_sits": authority_id, "_save": "1"})
    with act() as ctx, pytest.raises(CannotAccept) as refused:
        file(ctx, world, ctx.session.get_one(CaseRow, case_id), ctx.session.get_one(DraftRow, case_id))
    (hindered,) = refused.value.hindered.values()
    assert hindered.problems["_sits"].code == "authority_scope"
