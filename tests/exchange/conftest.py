"""Imports of a hub, and somebody who may: an approver. Files are made as Excel makes them."""

from collections.abc import Callable, Iterator

import pytest
from conftest import Act
from exchange_files import TERMS, number

from workbench.catalogue.dictionary import load_dictionary
from workbench.exchange.models import ImportRow
from workbench.exchange.upload import check, start, undo_import, upload
from workbench.exchange.work import Import
from workbench.people.check import PersonInput
from workbench.people.register import register_person
from workbench.people.sensitivity import set_sensitivity


@pytest.fixture(autouse=True)
def sealed() -> Iterator[None]:
    set_sensitivity(load_dictionary().is_sensitive)
    yield
    set_sensitivity(None)


@pytest.fixture
def known(act: Act) -> str:
    """Somebody on file already."""
    with act() as ctx:
        return register_person(ctx, PersonInput(name="测试已有", id_no=number(901), phone="19900000901")).id


@pytest.fixture
def bring_in(act: Act) -> Callable[..., str]:
    """Take a file in and work on it to an end: "checked", "done" or "undone"."""

    def work(import_id: str) -> None:
        with act("approver1") as ctx:
            importing = Import(ctx, import_id)
        more = True
        while more:
            with act("approver1") as ctx:
                more = importing.work(ctx)

    def made(content: bytes, until: str = "done", name: str = "台账.csv", **terms: str) -> str:
        with act("approver1") as ctx:
            row = upload(ctx, name, content)
            check(ctx, row.id, row.columns, TERMS | terms)
            import_id = row.id
        work(import_id)
        if until in ("done", "undone"):
            with act("approver1") as ctx:
                start(ctx, import_id)
            work(import_id)
        if until == "undone":
            with act("approver1") as ctx:
                undo_import(ctx, import_id, "导错了文件")
            work(import_id)
        return import_id

    made.work = work  # type: ignore[attr-defined]
    return made


@pytest.fixture
def state_of(act: Act) -> Callable[[str], tuple[str, dict[str, int]]]:
    def state(import_id: str) -> tuple[str, dict[str, int]]:
        with act("approver1") as ctx:
            row = ctx.session.get_one(ImportRow, import_id)
            return row.state, dict(row.counts)

    return state
