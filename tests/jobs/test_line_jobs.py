"""Jobs that a line names: called where the line is open, when they are due; one that fails or hangs harms no other."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from admitted import wave_through
from sqlmodel import col, select

from workbench.host.keep import stand_down
from workbench.hubs.open_lines import close_line, open_line
from workbench.jobs import line_jobs as module
from workbench.jobs.line_jobs import LineJobs, forget_jobs
from workbench.jobs.models import LeaseRow
from workbench.jobs.worker import close_workshop, open_workshop
from workbench.jobs.workshop import Workshop
from workbench.opening.models import LineFaultRow
from workbench.scaffold.write import name_line, write_line

LINE = "jobs_of_its_own"
CODE = '''"""What is done from time to time."""

import threading

CALLED, GO_ON = [], threading.Event()


def refresh(hub):
    CALLED.append(hub.id)


def fails(hub):
    raise KeyError(hub.id)


def hangs(hub):
    GO_ON.wait()
'''
JOBS = "".join(f'[[jobs]]\nname = "{name}"\nfunction = "{LINE}.jobs:{name}"\nevery_seconds = 60\n\n'
               for name in ("fails", "hangs", "refresh"))  # fmt: skip


@pytest.fixture
def workshop(settings: Any, act: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A worker's workshop with a line that has jobs, open at one of the hubs."""
    site = tmp_path / "site"
    write_line(name_line(LINE, "ZY", date(2026, 11, 22)), site)
    told = site / f"{LINE}-2026.1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {LINE}\nVersion: 2026.1\n")
    (told / "entry_points.txt").write_text(f"[workbench.lines]\n{LINE} = {LINE}\n")
    (site / LINE / "jobs.py").write_text(CODE, "utf-8")
    manifest = site / LINE / "line.toml"
    manifest.write_text(f"{manifest.read_text('utf-8')}\n{JOBS}", "utf-8")
    monkeypatch.syspath_prepend(site)
    opened = open_workshop(settings)
    with act("worker1") as ctx:
        wave_through(ctx.session, "wutong", [line for line in opened.installed.lines if line.id == LINE])
        open_line(ctx, opened.installed, LINE)
    yield opened
    close_workshop(opened)
    sys.modules[f"{LINE}.jobs"].GO_ON.set()
    stand_down(LINE)
    for name in [name for name in sys.modules if name.partition(".")[0] == LINE]:
        del sys.modules[name]


def test_jobs_run_where_their_line_is_open_and_what_fails_or_hangs_harms_no_other(
    workshop: Workshop, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 5.0)  # for those that end, long enough on any machine
    jobs = LineJobs()

    jobs.run(workshop)
    jobs.run(workshop)  # nothing is due

    called = sys.modules[f"{LINE}.jobs"].CALLED
    assert called == ["wutong"]
    with act("worker1") as ctx:
        faults = ctx.session.exec(select(LineFaultRow).order_by(col(LineFaultRow.hook))).all()
        assert [(one.hook, one.reason, one.count) for one in faults] == [
            ("job fails", "KeyError", 1), ("job hangs", "TimeoutError", 1),
        ]  # fmt: skip
        leases = ctx.session.exec(select(LeaseRow).where(col(LeaseRow.name).startswith("job:line:"))).all()
        assert len(leases) == 3
        for lease in leases:
            lease.ran_at = None
        close_line(ctx, LINE)
    jobs.run(workshop)  # due, and closed
    assert called == ["wutong"]
    with act("worker1") as ctx:
        open_line(ctx, workshop.installed, LINE)
    jobs.run(workshop)
    assert called == ["wutong"] * 2
    with act("worker1") as ctx:
        forget_jobs(ctx.session, LINE)
        assert ctx.session.exec(select(LeaseRow).where(col(LeaseRow.name).startswith("job:line:"))).all() == []
