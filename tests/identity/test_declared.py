"""Start-up refuses a route, a hook or a job without a declared right."""

import threading

import pytest

import workbench.app
from workbench.api.hooks import HOOK_NAMES
from workbench.commands.worker import every_job
from workbench.identity.declared import HOOK_RIGHTS, Undeclared, refuse_open_hooks
from workbench.identity.may import VERBS
from workbench.jobs.recurring import RecurringJob
from workbench.jobs.worker import run_worker
from workbench.settings import Settings
from workbench.web.permit import OpenRoute


def test_every_hook_and_every_job_of_the_product_has_a_right_that_exists() -> None:
    refuse_open_hooks(HOOK_NAMES)
    assert set(HOOK_RIGHTS) == set(HOOK_NAMES)
    assert {job.right for job in every_job()} <= VERBS


def test_the_application_does_not_start_with_a_hook_without_a_right(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench.app, "HOOK_NAMES", (*HOOK_NAMES, "person_counted"))
    with pytest.raises(Undeclared, match="person_counted"):
        workbench.app.create_app(settings)


def test_the_application_does_not_start_with_a_route_without_a_right(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mount(app: workbench.app.Workbench) -> None:
        app.add_url_rule("/h/<hub>/open", "open", lambda hub: hub)

    monkeypatch.setattr(workbench.app, "_mount_rooms", mount)
    monkeypatch.setattr(workbench.app, "_mount_lines", lambda app, lines: None)
    with pytest.raises(OpenRoute, match="open"):
        workbench.app.create_app(settings)


@pytest.mark.parametrize("right", ["", "fly"])
def test_the_worker_process_does_not_start_with_a_job_without_a_right(settings: Settings, right: str) -> None:
    job = RecurringJob("count", lambda workshop: None, right, every_seconds=60)
    with pytest.raises(Undeclared, match="count"):
        run_worker(settings, threading.Event(), lambda ctx, told: [], (job,))
