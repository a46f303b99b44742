"""What a person released is gone, everywhere; numbers, counts, digests and the trail stay. Twice is safe."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Act
from far_year import LATER, At, Night, conclude
from scans import pdf, picture
from screens import NUMBER, VALUES, World, make_person
from sqlalchemy import text
from sqlmodel import SQLModel, select

from workbench.cases.models import CaseEventRow, CaseMaterialRow, CaseRow
from workbench.cases.review import note_appeal
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.identity.verify import verify
from workbench.jobs.retention import sweep
from workbench.people.check import PersonInput
from workbench.people.documents import keep_document
from workbench.people.facts import FactInput, current_facts, record_facts
from workbench.people.find import find_people
from workbench.people.households import add_member, create_household
from workbench.people.merge import merge_people
from workbench.people.models import DocumentRow, MergeRow, PersonRow
from workbench.people.part import part_people
from workbench.people.register import register_person
from workbench.retention.contents import declared, digest_of
from workbench.retention.erase import proofs_digest, release
from workbench.retention.files import sweep_files
from workbench.retention.holds import hold
from workbench.retention.models import ErasureRow
from workbench.retention.terms import Terms
from workbench.settings import Retention
from workbench.store.context import Context
from workbench.store.problems import Problem
from workbench.store.types import Blind, Sealed

CODE = "MZ-003"  # paid once: nothing goes on after it
CANARY = "金丝雀小姐"


@pytest.fixture
def terms(world: World) -> Terms:
    return Terms(catalogue(world.installed), Retention())


def told_case(world: World, ctx: Context, code: str = CODE, person_id: str = "") -> CaseRow:
    """A concluded case that says the canary wherever something can be said."""
    case = world.make_case(ctx, code, person_id)
    record_facts(ctx, case.person_id, [FactInput("person.note", CANARY)], case_id=case.id)
    kept = keep_document(
        ctx, case.person_id, "id_card", picture(size=(41, 31)), file_name=f"{CANARY}.png", case_id=case.id
    )
    ctx.session.add(CaseMaterialRow(case_id=case.id, key="canary", state="scanned", document_id=kept.id, note=CANARY))
    case.result_text = CANARY
    ctx.session.add(
        CaseEventRow(case_id=case.id, at=ctx.clock.now(), kind="return", actor_id="x", detail={"reason": CANARY})
    )
    conclude(ctx, case)
    return case


def everything_said(ctx: Context) -> str:
    """Give all that the database says, opened where it is sealed."""
    said = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name != "audit":
            said += [str(tuple(row)) for row in ctx.session.connection().execute(table.select())]
    return "\n".join(said)


def release_all(act: Act, terms: Terms, night: Night, *kinds: str) -> int:
    ids = [row.id for row in night.rows() if row.state == "due" and row.kind in (kinds or ("case", "person"))]
    with act("approver1", clock=At()) as ctx:
        return release(ctx, terms, ids, "档案规定")


def test_nothing_goes_before_its_term_or_without_a_person(world: World, act: Act, night: Night, workshop) -> None:
    with act() as ctx:
        case_id = told_case(world, ctx).id
    workshop.clock = At(LATER - timedelta(days=365 * 11))
    assert night.look() == []

    workshop.clock = At()
    assert [row.mark for row in night.look()] == [f"case:{case_id}"]
    night.erase()
    with act() as ctx:
        assert CANARY in everything_said(ctx)
        assert ctx.session.get_one(CaseRow, case_id).erased_at is None


def test_what_was_released_is_gone_and_what_proves_it_stays(
    world: World, act: Act, night: Night, terms: Terms, keys, settings, database_url: str
) -> None:
    with act() as ctx:
        person_id = make_person(ctx)
        create_household(ctx, person_id, f"{CANARY}路1号")
        case = told_case(world, ctx, person_id=person_id)
        case_id, case_no, payload_id = case.id, case.case_no, case.payload_id
        digest = ctx.session.get_one(PayloadRow, payload_id).digest
        document = ctx.session.exec(select(DocumentRow)).one()
        scan, document_id = document.digest, document.id
    night.look()
    assert release_all(act, terms, night) == 1
    night.erase()
    night.erase()

    (first,) = night.rows()
    assert (first.state, first.released_name, first.counts["payload"]) == ("erased", "approver1", 1)
    with act() as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        assert (case.case_no, case.state, case.result_text) == (case_no, "concluded", "")
        assert case.erased_under == "10|usual|"
        payload = ctx.session.get_one(PayloadRow, payload_id)
        assert (payload.content, payload.digest) == (None, digest)
        assert {one.reference for one in ctx.session.exec(select(DeliveryRow))} == {"D-1"}
        said = everything_said(ctx)
        assert VALUES["account_no"] not in said
        # The household and the person's own row are not the case's: they go with the resident's file.
        assert find_people(ctx, NUMBER)

    night.look()
    assert [row.kind for row in night.rows() if row.state == "due"] == ["person"]
    release_all(act, terms, night)
    night.erase()
    with act() as ctx:
        said = everything_said(ctx)
        assert [one for one in (CANARY, NUMBER, "测试甲", VALUES["phone"]) if one in said] == []
        assert find_people(ctx, NUMBER) == []
        assert ctx.session.get_one(PersonRow, person_id).erased_at is not None
        assert list(verify(ctx.session, ctx.keys)) == []
        row = ctx.session.exec(select(ErasureRow).where(ErasureRow.kind == "case")).one()
        assert row.proofs["document.digest"] == {str(document_id): digest_of(keys, scan)}
        assert set(row.proofs["delivery_event.proof"].values()) == {digest_of(keys, b"answer of theirs")}
        trail = ctx.session.connection().execute(text("SELECT detail FROM audit WHERE action = 'erasure.done'")).all()
        assert proofs_digest(row) in str(trail)
    if database_url.startswith("sqlite"):
        lies = b"".join(one.read_bytes() for one in Path(database_url.removeprefix("sqlite:///")).parent.glob("*.db*"))
        assert CANARY.encode() not in lies


def test_the_case_page_says_what_was_erased_when_and_under_which_rule(
    world: World, act: Act, night: Night, terms: Terms
) -> None:
    with act() as ctx:
        case_id = told_case(world, ctx).id
    night.look()
    release_all(act, terms, night)
    night.erase()

    client = world.sign_in("approver1")
    shown = client.get(f"/h/wutong/cases/{case_id}").get_data(as_text=True)
    assert "此办件的内容已于 2046-11-02 删除：办结后保管 10 年（通常期限，未设规定）" in shown
    assert VALUES["payee"] not in shown.replace("测试甲", "", 1) or "payee" not in shown
    answer = client.post(f"/h/wutong/cases/{case_id}", data={"action": "reopen", "reason": "试", "version": "99"})
    assert answer.status_code == 409
    for path in ("documents", "clocks", "state"):
        assert client.get(f"/h/wutong/cases/{case_id}/{path}").status_code in (200, 303)


def keep_open(ctx: Context, case: CaseRow) -> None:
    case.state, case.concluded_at = "reviewing", ctx.clock.now()


def keep_appealed(ctx: Context, case: CaseRow) -> None:
    note_appeal(ctx, case, "居民不服")


def keep_held(ctx: Context, case: CaseRow) -> None:
    hold(ctx, case, "诉讼中")


def keep_all_held(ctx: Context, case: CaseRow) -> None:
    hold(ctx, case, "诉讼中", everything=True)


def keep_sending(ctx: Context, case: CaseRow) -> None:
    ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case.id)).first().state = "needs-people"


@pytest.mark.parametrize("keep", [keep_open, keep_appealed, keep_held, keep_all_held, keep_sending])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_under_way_or_held_is_never_erased(
    world: World, act: Act, night: Night, terms: Terms, keep: Callable[..., None], moment: str
) -> None:
    with act() as ctx:
        case_id = told_case(world, ctx).id
    night.look()
    if moment == "after":
        release_all(act, terms, night)
    with act() as ctx:
        keep(ctx, ctx.session.get_one(CaseRow, case_id))
    if moment == "before":
        assert release_all(act, terms, night) == 0
    night.erase()
    with act() as ctx:
        assert CANARY in everything_said(ctx)
        assert ctx.session.get_one(CaseRow, case_id).erased_at is None
    assert [row.state for row in night.rows()] == ["due"]


def test_a_benefit_that_runs_is_kept_until_a_later_case_took_its_place(
    world: World, act: Act, night: Night, terms: Terms
) -> None:
    with act() as ctx:
        first = told_case(world, ctx, "MZ-001")
        first.result, first_id, person_id = "granted", first.id, first.person_id
    night.look()
    assert release_all(act, terms, night) == 0
    with act(clock=At(LATER - timedelta(days=365))) as ctx:
        later = world.make_case(ctx, CODE, person_id)
        later.item_code, later.state, later.concluded_at = "MZ-001", "concluded", ctx.clock.now()
    assert release_all(act, terms, night) == 1
    night.erase()
    with act() as ctx:
        assert ctx.session.get_one(CaseRow, first_id).erased_at is not None


def test_what_another_live_case_needs_stays(world: World, act: Act, night: Night, terms: Terms) -> None:
    with act() as ctx:
        case = told_case(world, ctx)
        case_id, person_id = case.id, case.person_id
        facts = [FactInput("income.month", 120000), FactInput("person.phone", "19900000002")]
        record_facts(ctx, person_id, facts, case_id=case.id)
        shared = keep_document(ctx, person_id, "hukou_book", pdf(), file_name="a.pdf", case_id=case.id)
        ctx.session.add(CaseMaterialRow(case_id=case.id, key="shared", state="scanned", document_id=shared.id))
        live = world.make_case(ctx, "MZ-001", person_id)
        ctx.session.add(CaseMaterialRow(case_id=live.id, key="shared", state="have", document_id=shared.id))
        shared_id = shared.id
    night.look()
    release_all(act, terms, night)
    night.erase()
    with act() as ctx:
        assert ctx.session.get_one(CaseRow, case_id).erased_at is not None
        assert [one.id for one in ctx.session.exec(select(DocumentRow))] == [shared_id]
        known = current_facts(ctx, person_id)
        assert "person.note" not in known
        assert known["person.phone"].value == "19900000002"
        assert ctx.session.get_one(PersonRow, person_id).erased_at is None
    assert {row.kind for row in night.look()} == {"case"}


def test_a_live_case_keeps_the_files_of_its_household_and_of_nobody_else(world: World, act: Act, night: Night) -> None:
    with act() as ctx:
        live = world.make_case(ctx, "MZ-001")
        mate, stranger = (
            register_person(
                ctx, PersonInput.model_validate({"name": name, "no_id_reason": "遗失", "birth_date": "1960-01-01"})
            ).id
            for name in ("测试同户", "测试邻户")
        )
        home = create_household(ctx, live.person_id, "梧桐路1号")
        add_member(ctx, home.id, mate, "02")
        create_household(ctx, stranger, "梧桐路2号")
    assert [row.mark for row in night.look()] == [f"person:{stranger}"]


def test_merged_files_go_together_and_cannot_be_parted_after(world: World, act: Act, night: Night, terms) -> None:
    with act() as ctx:
        kept = make_person(ctx)
        other = PersonInput.model_validate({"name": CANARY, "no_id_reason": "遗失", "birth_date": "1950-03-07"})
        gone = register_person(ctx, other).id
        told_case(world, ctx, person_id=gone)
        told_case(world, ctx, person_id=kept)
        merge_id = merge_people(ctx, kept, gone, "同一人").id
    for _ in range(2):
        night.look()
        release_all(act, terms, night)
        night.erase()
    assert [row.state for row in night.rows()] == ["erased"] * 3
    with act() as ctx:
        said = everything_said(ctx)
        assert [one for one in (CANARY, NUMBER, "测试甲") if one in said] == []
        assert ctx.session.get_one(MergeRow, merge_id).before is None
        with pytest.raises(Problem, match="erased"):
            part_people(ctx, merge_id, "不是同一人")


def test_a_file_goes_once_nothing_names_it(world: World, act: Act, night: Night, terms, workshop, settings) -> None:
    with act() as ctx:
        case = told_case(world, ctx)
        own = ctx.session.exec(select(DocumentRow.digest)).one()
        shared = ctx.files.put(b"a signature on two forms")
        payload = ctx.session.get_one(PayloadRow, case.payload_id)
        payload.content = {**payload.content, "values": {"sign": f"file:{shared}"}}
        other = register_person(
            ctx, PersonInput.model_validate({"name": "测试乙", "no_id_reason": "遗失", "birth_date": "1960-01-01"})
        )
        record_facts(ctx, other.id, [FactInput("person.photo", f"file:{shared}")])
        for digest in (own, shared):
            os.utime(ctx.files._path(digest), (1, 1))
    night.look()
    release_all(act, terms, night, "case")
    night.erase()
    sweep(workshop)
    assert workshop.files.get(own)  # its hour is not over
    workshop.clock = At(LATER + timedelta(hours=2))
    sweep(workshop)
    assert workshop.files.get(shared)
    with pytest.raises(FileNotFoundError):
        workshop.files.get(own)
    assert sweep_files(workshop.store, workshop.files, workshop.now()) == 0


def test_a_file_that_is_put_again_is_not_taken_away(settings, keys) -> None:
    files = settings.file_store(keys)
    digest = files.put(b"again")
    os.utime(files._path(digest), (1, 1))
    files.put(b"again")
    assert not files.remove(digest, 1000.0)
    assert files.get(digest) == b"again"


def test_every_table_about_somebody_is_declared() -> None:
    takes, keeps = declared()
    named = {one.table for one in (*takes, *keeps)}
    about = {"person_id", "case_id", "delivery_id", "household_id", "kept_id", "gone_id"}
    missing = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if not table.name.startswith(("line_", "erasure", "retention"))
        and any(isinstance(one.type, Sealed | Blind) or one.name in about for one in table.columns)
    }
    assert missing - named == set()
    for take in takes:
        whole = {one.name for one in take.rows.columns if isinstance(one.type, Sealed | Blind)}
        emptied = whole if take.row else whole & set(take.empty)
        assert emptied == whole, take.table


def test_an_items_own_term_counts_and_the_longer_of_two_editions(world: World, act: Act, terms: Terms) -> None:
    item = next(one for one in terms.known.items if one.code == CODE)
    longer = item.manifest.model_dump() | {"retention": {"years": 30, "basis": "某档案规定", "confidence": "sourced"}}
    manifest = type(item.manifest).model_validate(longer)
    with act() as ctx:
        case = told_case(world, ctx)
        usual = terms.case(ctx.session, case, {}, ctx.clock.today())
        assert (usual.years, usual.said) == (10, "usual")
        changed = Terms(type(terms.known)((type(item)(item.line_id, manifest, "new", item.path),)), Retention())
        found = changed.case(ctx.session, case, {"wutong": "990100001001"}, ctx.clock.today())
        assert (found.years, found.said, found.basis) == (30, "sourced", "某档案规定")


def test_a_sourced_term_names_its_rule() -> None:
    from workbench.api.manifest import Retention as Declared

    with pytest.raises(ValueError, match="basis"):
        Declared(years=30, confidence="sourced")


def test_a_hold_goes_along_when_its_file_is_merged(world: World, act: Act, night: Night, terms: Terms) -> None:
    with act() as ctx:
        kept = make_person(ctx)
        other = PersonInput.model_validate({"name": CANARY, "no_id_reason": "遗失", "birth_date": "1950-03-07"})
        gone = register_person(ctx, other).id
        hold(ctx, told_case(world, ctx, person_id=gone), "诉讼中", everything=True)
        merge_people(ctx, kept, gone, "同一人")
    night.look()
    assert release_all(act, terms, night) == 0
    night.erase()
    assert [row.state for row in night.rows()] == ["due"]
