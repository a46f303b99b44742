"""Accounts: what an admin may change, and what nobody may change about themselves."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from at_once import behind
from sqlmodel import select
from waiting import PATIENCE

from workbench.staff.models import GrantRow, WorkerRow
from workbench.staff.workers import (
    activate_worker,
    add_worker,
    deactivate_worker,
    make_system_admin,
    may_change_account,
    new_password,
    set_password,
    unmake_system_admin,
)
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problem

Act = Callable[..., AbstractContextManager[Context]]


def worker(ctx: Context, username: str) -> WorkerRow:
    return ctx.session.exec(select(WorkerRow).where(WorkerRow.username == username)).one()


def test_new_password_is_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(50)}

    assert len(made) == 50
    assert all(len(text) == 19 for text in made)


def test_add_worker_keeps_the_hash_and_gives_no_role(act: Act) -> None:
    with act("hubadmin1") as ctx:
        row = add_worker(ctx, " Li.Na ", " 李娜 ", "hash")

        assert (row.username, row.name, row.password_hash, row.is_active) == ("li.na", "李娜", "hash", True)
        assert not row.is_system_admin
        assert ctx.session.exec(select(GrantRow).where(GrantRow.worker_id == row.id)).all() == []


@pytest.mark.parametrize(
    ("username", "name", "code", "field"),
    [
        ("worker1", "某人", "username_taken", "username"),
        ("1x", "某人", "username_wrong", "username"),
        ("李娜", "某人", "username_wrong", "username"),
        ("x" * 33, "某人", "username_wrong", "username"),
        ("lina", "  ", "name_missing", "name"),
    ],
)
def test_add_worker_says_what_is_wrong(act: Act, username: str, name: str, code: str, field: str) -> None:
    with act("hubadmin1") as ctx, pytest.raises(Problem) as caught:
        add_worker(ctx, username, name, "hash")

    assert (caught.value.code, caught.value.field) == (code, field)


def test_deactivate_and_activate_are_safe_twice(act: Act) -> None:
    with act("hubadmin1") as ctx:
        found = worker(ctx, "worker1")
        deactivate_worker(ctx, found.id)
        assert not deactivate_worker(ctx, found.id).is_active
        activate_worker(ctx, found.id)
        assert activate_worker(ctx, found.id).is_active


def test_deactivate_refuses_oneself(act: Act) -> None:
    with act("sysadmin") as ctx, pytest.raises(Problem, match="own_account"):
        deactivate_worker(ctx, ctx.actor.id)


@pytest.mark.parametrize("username", ["worker21", "sysadmin"])
def test_hub_admin_cannot_take_over_accounts_beyond_the_hub(act: Act, username: str) -> None:
    with act("hubadmin1") as ctx:
        found = worker(ctx, username)

        assert not may_change_account(ctx, found)
        for change in (deactivate_worker, activate_worker):
            with pytest.raises(Problem, match="account_beyond_hub"):
                change(ctx, found.id)
        with pytest.raises(Problem, match="account_beyond_hub"):
            set_password(ctx, found.id, "hash")


def test_system_admin_changes_any_account(act: Act) -> None:
    with act("sysadmin") as ctx:
        found = worker(ctx, "worker21")

        assert set_password(ctx, found.id, "other").password_hash == "other"


def test_unknown_account_is_a_problem(act: Act) -> None:
    with act("sysadmin") as ctx, pytest.raises(Problem, match="worker_unknown"):
        deactivate_worker(ctx, "nobody")


def test_only_a_system_admin_makes_system_admins(act: Act) -> None:
    with act("hubadmin1") as ctx, pytest.raises(Problem, match="system_admin_only"):
        make_system_admin(ctx, ctx.actor.id)
    with act("sysadmin") as ctx:
        assert make_system_admin(ctx, worker(ctx, "worker1").id).is_system_admin
        assert not unmake_system_admin(ctx, worker(ctx, "worker1").id).is_system_admin


def test_system_admin_keeps_their_own_right(act: Act) -> None:
    with act("sysadmin") as ctx, pytest.raises(Problem, match="own_admin_right"):
        unmake_system_admin(ctx, ctx.actor.id)


def test_of_two_system_admins_who_unmake_each_other_one_stays(act: Act, store: Store) -> None:
    with act("sysadmin") as ctx:
        ids = {name: worker(ctx, name).id for name in ("sysadmin", "hubadmin1")}
        make_system_admin(ctx, ids["hubadmin1"])

    def second() -> None:
        with act("hubadmin1") as ctx:
            unmake_system_admin(ctx, ids["sysadmin"])

    with act("sysadmin") as ctx:
        unmake_system_admin(ctx, ids["hubadmin1"])
        (under_way,) = behind(store, second)
    assert under_way.exception(PATIENCE).code in ("rights_changed", "system_admin_only")
    with act("sysadmin") as ctx:
        assert [worker(ctx, name).is_system_admin for name in ids] == [True, False]
