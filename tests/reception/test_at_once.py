"""A form is opened while somebody else merges the file: it never stands in a file that leads to another one."""

from at_once import behind
from conftest import Act
from sitting import id_number
from sqlmodel import select
from waiting import PATIENCE

from workbench.cases.models import CaseRow
from workbench.catalogue.items import Item
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.people.check import PersonInput
from workbench.people.merge import merge_people
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.reception.draft import begin
from workbench.store.engine import Store


def _item() -> Item:
    found = next(item for item in catalogue(discover()).items if item.code == "MZ-001")
    assert found is not None
    return found


def test_form_is_not_opened_in_a_file_that_is_being_merged(act: Act, store: Store) -> None:
    with act() as ctx:
        given = [PersonInput(name="测试甲", id_no=id_number("99010019800101001"))]
        given += [PersonInput(name="测试甲", no_id_reason="证件遗失")]
        kept, gone = (register_person(ctx, one).id for one in given)

    def open_form() -> None:
        with act("worker2") as ctx:
            begin(ctx, _item(), ctx.session.get_one(PersonRow, gone))

    with act() as ctx:
        merge_people(ctx, kept, gone, "同一人")
        (second,) = behind(store, open_form)
    assert "person_merged" in str(second.exception(PATIENCE))
    with act() as ctx:
        assert ctx.session.exec(select(CaseRow)).all() == []
