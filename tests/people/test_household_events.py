"""What happens to households: written down, kept, and taken back by a further event."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from workbench.people.household_events import (
    Leaving,
    belong_to_both,
    die,
    join,
    leave,
    move_house,
    open_household,
    split,
    state_relations,
)
from workbench.people.household_history import history_of
from workbench.people.household_models import HouseholdEventRow
from workbench.people.household_record import Deed, read_state
from workbench.people.household_undo import undo
from workbench.people.households import members_of, second_households
from workbench.people.merge import merge_people
from workbench.people.models import HouseholdRow, PersonRow
from workbench.people.part import part_people
from workbench.people.register import NoSuchPerson, register_person
from workbench.store.problems import Problem

HEAD, WIFE, SON = "02", "12", "20"


@pytest.fixture
def family(act, make_input, make_number) -> list[str]:
    """A couple and their son in one household, and somebody without one."""
    with act() as ctx:
        numbers = (
            make_number(sequence=901),
            make_number(sequence=902),
            make_number("20000101"),
            make_number(sequence=905),
        )
        names = ("张伟", "李芳", "张小明", "王强")
        people = [
            register_person(ctx, make_input(name, id_no=number)).id for name, number in zip(names, numbers, strict=True)
        ]
        open_household(ctx, people[0], "示范街道梧桐路12号3幢502室", {people[1]: WIFE, people[2]: SON}, Deed())
        return people


def home_of(ctx, person_id: str) -> str:
    return ctx.session.get_one(PersonRow, person_id).household_id or ""


def standing(ctx, people) -> list:
    ctx.session.expire_all()
    first = ctx.session.exec(select(HouseholdRow.address).order_by(HouseholdRow.id)).first()
    return [read_state(ctx, one) for one in people], [first]


CHANGES = {
    "join": lambda ctx, p, home: join(ctx, home, {p[3]: "97"}, Deed()),
    "leave": lambda ctx, p, home: leave(ctx, home, Leaving((p[2],)), Deed()),
    "leave whole": lambda ctx, p, home: leave(ctx, home, Leaving(tuple(p[:3])), Deed(reason="迁往外地")),
    "head leaves": lambda ctx, p, home: leave(ctx, home, Leaving((p[0],), {p[1]: HEAD}), Deed()),
    "death": lambda ctx, p, home: die(ctx, home, p[0], {p[1]: HEAD}, Deed(proof="死亡医学证明")),
    "split": lambda ctx, p, home: split(ctx, home, {p[2]: HEAD}, "梧桐路13号", Leaving((p[2],)), Deed()),
    "relations": lambda ctx, p, home: state_relations(ctx, home, {p[0]: "11", p[1]: HEAD}, Deed()),
    "address": lambda ctx, p, home: move_house(ctx, home, "梧桐路14号", Deed()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_event_taken_back_leaves_everybody_as_before(act, family, name: str) -> None:
    with act() as ctx:
        home, before = home_of(ctx, family[0]), standing(ctx, family)
        event_id = CHANGES[name](ctx, family, home).id
        assert standing(ctx, family) != before
    with act() as ctx:
        with pytest.raises(Problem, match="reason_missing"):
            undo(ctx, event_id, Deed())
        done = undo(ctx, event_id, Deed(reason="登记错误"))
        assert undo(ctx, event_id, Deed(reason="再来一次")).id == done.id
        assert standing(ctx, family) == before
        kinds = [(one.kind, bool(one.undone_by)) for one in history_of(ctx, home)]
        assert kinds[0] == ("undo", False)
        assert kinds[1][1] is True


def test_event_followed_by_another_is_not_taken_back_first(act, family) -> None:
    with act() as ctx:
        home = home_of(ctx, family[0])
        first = leave(ctx, home, Leaving((family[2],)), Deed()).id
        join(ctx, home, {family[2]: SON}, Deed())
    with act() as ctx, pytest.raises(Problem, match="changed_since"):
        undo(ctx, first, Deed(reason="登记错误"))


def test_same_deed_twice_is_written_once(act, family) -> None:
    with act() as ctx:
        home, deed = home_of(ctx, family[0]), Deed()
        ids = {join(ctx, home, {family[3]: "97"}, deed).id for _ in range(2)}
        assert len(ids) == 1
        assert ctx.session.exec(select(func.count()).select_from(HouseholdEventRow)).one() == 2


@pytest.mark.parametrize("relations", [{0: "11"}, {1: HEAD}, {0: "11", 1: "12"}])
def test_household_has_one_head(act, family, relations) -> None:
    with act() as ctx, pytest.raises(Problem, match="one_head"):
        state_relations(ctx, home_of(ctx, family[0]), {family[n]: r for n, r in relations.items()}, Deed())


def test_head_cannot_leave_without_another(act, family) -> None:
    with act() as ctx, pytest.raises(Problem, match="one_head"):
        leave(ctx, home_of(ctx, family[0]), Leaving((family[0],)), Deed())


def test_day_to_come_is_refused(act, family) -> None:
    with act() as ctx, pytest.raises(Problem, match="day_future"):
        leave(ctx, home_of(ctx, family[0]), Leaving((family[2],)), Deed(on=ctx.clock.today() + timedelta(days=1)))


def test_person_in_two_households_is_allowed_with_a_reason_and_shown(act, family) -> None:
    with act() as ctx:
        other = open_household(ctx, family[3], "春晓路1号", {}, Deed()).household_id
        with pytest.raises(Problem, match="in_another_household"):
            join(ctx, other, {family[2]: "28"}, Deed())
        ctx.session.rollback()
    with act() as ctx:
        other = open_household(ctx, family[3], "春晓路1号", {}, Deed()).household_id
        main = home_of(ctx, family[2])
        with pytest.raises(Problem, match="reason_missing"):
            belong_to_both(ctx, other, family[2], "28", Deed())
        belong_to_both(ctx, other, family[2], "28", Deed(reason="与岳父同住，户口在父母处"))
        assert home_of(ctx, family[2]) == main
        assert family[2] in {one.person_id for one in members_of(ctx, main)}
        assert family[2] in {one.person_id for one in members_of(ctx, other)}
        homes = second_households(ctx, [family[0], family[2]])
        assert set(homes) == {family[2]}
        assert {(home, is_main) for home, _why, is_main in homes[family[2]]} == {(main, True), (other, False)}
        leave(ctx, main, Leaving((family[2],), is_away=False), Deed())
        assert home_of(ctx, family[2]) == other  # the second one is the main one now
        assert second_households(ctx, [family[2]]) == {}


def test_person_who_moved_to_another_hub_brings_the_file_along(act, family, make_input, make_number) -> None:
    with act() as ctx:
        leave(ctx, home_of(ctx, family[0]), Leaving((family[2],)), Deed())
    with act("worker21") as ctx:
        head = register_person(ctx, make_input("赵敏", id_no=make_number(sequence=907))).id
        home = open_household(ctx, head, "银杏路1号", {}, Deed()).household_id
        event = join(ctx, home, {family[2]: "97"}, Deed()).id
        row = ctx.session.get_one(PersonRow, family[2])
        assert (row.hub_id, row.status) == ("yinxing", "active")
        undo(ctx, event, Deed(reason="人未到"))
        assert (row.hub_id, row.status) == ("wutong", "moved")


def test_person_living_at_another_hub_is_not_taken(act, family, make_input, make_number) -> None:
    with act("worker21") as ctx:
        head = register_person(ctx, make_input("赵敏", id_no=make_number(sequence=907))).id
        home = open_household(ctx, head, "银杏路1号", {}, Deed()).household_id
        with pytest.raises(NoSuchPerson):
            join(ctx, home, {family[3]: "97"}, Deed())


def test_merge_and_parting_leave_the_events_as_they_were(act, family) -> None:
    with act() as ctx:
        home = home_of(ctx, family[0])
        event = leave(ctx, home, Leaving((family[2],), is_away=False), Deed()).id
        nameless = ctx.session.get_one(PersonRow, family[3])
        nameless.id_no, nameless.id_index = None, None
        ctx.session.flush()
        before = standing(ctx, family)
        merge = merge_people(ctx, family[2], family[3], "同一人").id
        part_people(ctx, merge, "两个人")
        assert standing(ctx, family) == before
        undo(ctx, event, Deed(reason="登记错误"))
        assert home_of(ctx, family[2]) == home
