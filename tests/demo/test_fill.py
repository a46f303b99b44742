import hashlib
import stat
from datetime import date

import pytest
from sqlmodel import Session, col, func, select

from workbench.demo import fill_demo
from workbench.demo.workers import FILE, demo_password
from workbench.hubs.models import CommunityRow, DivisionRow, GridRow, HubRow, OpenLineRow, ParameterRow
from workbench.identity.passwords import matches
from workbench.people.id_number import read_id_number
from workbench.people.models import FactRow, HouseholdRow, MemberRow, PersonKeyRow, PersonRow
from workbench.people.phone import read_phone
from workbench.staff.models import GrantRow, PostRow, WorkerRow
from workbench.store.problems import Problem

TODAY = date(2026, 11, 20)


def count(session: Session, table: type) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def fingerprint(session: Session) -> str:
    """What is on file, sealed values opened, as one digest."""
    digest = hashlib.sha256()
    for table in (PersonRow, PersonKeyRow, HouseholdRow, MemberRow):
        for line in sorted(repr(row.model_dump()) for row in session.exec(select(table))):
            digest.update(line.encode())
    for row in session.exec(select(FactRow).order_by(col(FactRow.id))):
        values = (row.person_id, row.key, row.value, row.sealed, row.rank, row.source, row.as_of, row.recorded_at)
        digest.update(repr(values).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("residents", [300, 1301])
def test_residents_are_exactly_as_many_as_asked(empty, settings, residents: int) -> None:
    filled = fill_demo(settings, empty, residents=residents, today=TODAY)
    with empty.read() as session:
        assert filled.residents == count(session, PersonRow) == count(session, MemberRow) == residents
        assert filled.facts == count(session, FactRow)
        assert count(session, HouseholdRow) > residents / 4
        assert set(session.exec(select(PersonRow.hub_id).distinct())) == {"wutong", "yinxing", "xiangzhang"}


def test_same_seed_gives_the_same_residents(empty, settings, clear) -> None:
    found = []
    for seed in (1, 1, 2):
        clear(empty)
        fill_demo(settings, empty, residents=120, seed=seed, today=TODAY)
        with empty.read() as session:
            found.append(fingerprint(session))
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_second_fill_does_nothing(filled, settings) -> None:
    with filled.read() as session:
        before = fingerprint(session)
    again = fill_demo(settings, filled, residents=900, today=TODAY)
    with filled.read() as session:
        assert (again.residents, again.facts) == (0, 0)
        assert fingerprint(session) == before


def test_demonstration_is_never_mixed_with_other_data(store, settings) -> None:
    with pytest.raises(Problem) as caught:
        fill_demo(settings, store, residents=50)
    assert caught.value.code == "database_not_empty"
    with store.read() as session:
        assert count(session, PersonRow) == 0


def test_numbers_are_valid_and_belong_to_nobody(filled) -> None:
    with filled.read() as session:
        people = session.exec(select(PersonRow)).all()
    for person in people:
        if person.id_no:
            found = read_id_number(person.id_no, TODAY)
            assert (found.birth_date, found.sex) == (person.birth_date, person.sex)
            assert person.id_no.startswith("9901") and person.id_no[14] == "9"
        if person.phone:
            assert read_phone(person.phone).startswith("154")
    numbers = [person.id_no for person in people if person.id_no]
    assert len(numbers) == len(set(numbers))


def test_names_have_rare_characters_and_dots(empty, settings) -> None:
    fill_demo(settings, empty, residents=2000, today=TODAY)
    with empty.read() as session:
        names = session.exec(select(PersonRow.name)).all()
    rare = [name for name in names if set(name) & set("𠮷㐂䶮镕㛃𬭎")]
    dotted = [name for name in names if "·" in name]
    assert 8 <= len(rare) <= 50
    assert 15 <= len(dotted) <= 80


def test_places_are_three_hubs_of_three_shapes(filled) -> None:
    with filled.read() as session:
        shapes = {hub.id: hub.shape for hub in session.exec(select(HubRow))}
        communities = session.exec(select(CommunityRow.hub_id)).all()
        assert shapes == {"wutong": "single", "yinxing": "many", "xiangzhang": "centre"}
        assert [communities.count(hub) for hub in ("wutong", "yinxing", "xiangzhang")] == [1, 5, 2]
        assert count(session, GridRow) == 24
        divisions = set(session.exec(select(DivisionRow.code)))
        assert {hub.division for hub in session.exec(select(HubRow))} <= divisions
        assert count(session, ParameterRow) > 4


def test_lines_are_open_everywhere_but_one(filled) -> None:
    with filled.read() as session:
        rows = session.exec(select(OpenLineRow).order_by(col(OpenLineRow.position))).all()
        posts = count(session, PostRow)
    opened = {hub: [row.line_id for row in rows if row.hub_id == hub] for hub in ("wutong", "yinxing", "xiangzhang")}
    assert opened["wutong"] == opened["yinxing"] == opened["xiangzhang"]
    assert opened["wutong"][:2] == ["civil_affairs", "social_security"]
    assert [(row.hub_id, row.line_id) for row in rows if row.closed_at] == [("xiangzhang", "family_planning")]
    assert posts == len(rows)


def test_fifteen_workers_share_one_password_kept_for_the_owner(filled, settings) -> None:
    file = settings.instance / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    password = demo_password(settings.instance, {})
    assert password in file.read_text("utf-8")
    with filled.read() as session:
        workers = session.exec(select(WorkerRow)).all()
        assert len(workers) == 15
        assert all(matches(password, worker.password_hash) for worker in workers[:1])
        assert len({worker.password_hash for worker in workers}) == 1
        assert [worker.username for worker in workers if worker.is_system_admin] == ["sysadmin"]
        roles = set(session.exec(select(GrantRow.hub_id, GrantRow.role)))
        assert {("wutong", role) for role in ("worker", "reviewer", "policy", "approver", "hub_admin")} <= roles


def test_given_password_is_used_and_not_written_down(empty, settings, monkeypatch) -> None:
    monkeypatch.setenv("WORKBENCH_DEMO_PASSWORD", "梧桐树下")
    fill_demo(settings, empty, residents=20, today=TODAY)
    assert not (settings.instance / FILE).exists()
    with empty.read() as session:
        worker = session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one()
        assert matches("梧桐树下", worker.password_hash)
