"""Recurring jobs: due once, run by one process, not lost when missed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from workbench.delivery.presence import announce
from workbench.host.discover import Installed
from workbench.jobs import leases
from workbench.jobs.models import LeaseRow
from workbench.jobs.recurring import RecurringJob, is_due, run_job
from workbench.jobs.worker import close_workshop
from workbench.jobs.workshop import Workshop, workers_folder
from workbench.store.clock import Clock

NOW = datetime(2026, 11, 2, 2, 30, tzinfo=UTC)  # 10:30 at the hub


def nothing(workshop: Workshop) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("ran_at", "due"),
    [
        (None, True),
        (NOW - timedelta(hours=20), True),  # 14:30 yesterday
        (NOW - timedelta(minutes=29), False),  # 10:01 today
        (NOW - timedelta(minutes=31), True),  # 09:59 today
    ],
)
def test_daily_job_is_due_once_its_time_has_come(ran_at: datetime | None, due: bool) -> None:
    assert is_due(RecurringJob("nightly", nothing, "system", daily_at=time(10, 0)), ran_at, NOW) is due


def test_daily_job_waits_for_its_time_at_first() -> None:
    assert not is_due(RecurringJob("nightly", nothing, "system", daily_at=time(23, 0)), None, NOW)


@pytest.mark.parametrize(("seconds", "due"), [(59, False), (60, True)])
def test_frequent_job_is_due_after_its_span(seconds: int, due: bool) -> None:
    job = RecurringJob("often", nothing, "system", every_seconds=60)

    assert is_due(job, NOW - timedelta(seconds=seconds), NOW) is due


@pytest.fixture
def workshop(settings: Any, keys: Any) -> Any:
    store = settings.open_store(keys)
    presence = announce(store, workers_folder(settings), Clock().now())
    workshop = Workshop(settings, keys, store, settings.file_store(keys), Clock(), Installed((), ()), presence)
    yield workshop
    close_workshop(workshop)


def test_job_runs_once_in_its_span_even_when_it_fails(workshop: Workshop) -> None:
    runs: list[int] = []

    def run(workshop: Workshop) -> None:
        runs.append(1)
        raise ZeroDivisionError

    job = RecurringJob("failing", run, "system", every_seconds=60)

    assert [run_job(workshop, job), run_job(workshop, job)] == [True, False]
    assert runs == [1]


def test_job_of_a_living_worker_is_left_to_it_and_of_a_dead_one_taken(workshop: Workshop, settings: Any) -> None:
    job = RecurringJob("shared", nothing, "system", every_seconds=60)
    other = announce(workshop.store, workshop.locks, workshop.now())
    with workshop.store.write() as session:
        leases.take(session, "job:shared", other.id, workshop.now(), seconds=600, is_dead=lambda _: False)

    assert not run_job(workshop, job)
    other.release()
    assert run_job(workshop, job)


def test_lease_that_changed_hands_is_not_given_back_by_the_first(workshop: Workshop) -> None:
    with workshop.store.write() as session:
        first = leases.take(session, "job", "a", workshop.now(), seconds=0, is_dead=lambda _: False).fence
        leases.take(session, "job", "b", workshop.now(), seconds=600, is_dead=lambda _: False)
        leases.finish(session, "job", first, workshop.now())

    with workshop.store.read() as session:
        row = session.get_one(LeaseRow, "job")
        assert (row.owner, row.ran_at) == ("b", None)
