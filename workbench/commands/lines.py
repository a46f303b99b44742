"""`workbench lines`: what is installed and where it is open; opening, closing, removing. Versions: line_versions."""

import shutil
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import click
from sqlmodel import Session, col, select

from ..admin.versions import waiting_version
from ..assigned.collect import quarantine_line
from ..catalogue.items import load_catalogue
from ..catalogue.loaded import catalogue
from ..enquiries.find import count_unanswered
from ..host.discover import Line
from ..hubs.models import HubRow, OpenLineRow
from ..hubs.open_lines import admissions_in_force, close_line
from ..hubs.versions import FOLDER
from ..identity.audit import record
from ..jobs.line_jobs import forget_jobs
from ..opening.admission import Admitting, admit
from ..opening.rehearse import ask_rehearsal, last_rehearsal, open_rehearsed, run_rehearsal, waive_rehearsal
from ..opening.remove import count_under_way, forget_line
from ..store.context import Context
from ..store.migrate import remove
from ..store.problems import Problem, Problems
from .chains import chain_of
from .installation import Installation, open_installation
from .line_versions import downgrade_line, upgrade_line
from .listing import as_json_option, print_rows

COLUMNS = ("id", "state", "items", "version", "waiting", "owner", "open_at", "reason")


@click.group("lines", invoke_without_command=True)
@as_json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the installed lines, or open, close, upgrade, downgrade and remove one."""
    if ctx.invoked_subcommand is None:
        with open_installation() as home:
            print_rows(list_lines(home), COLUMNS, as_json=as_json, nothing="No line is installed.")


def list_lines(home: Installation) -> list[dict[str, Any]]:
    """Describe every installed line, also those that cannot be used."""
    catalogue = load_catalogue(home.installed.lines)
    with home.store.read() as session:
        hubs = _hubs_of_lines(session)
    return [
        {
            "id": line.id,
            "name_zh": line.name_zh,
            "name_en": line.name_en,
            "state": line.state,
            "reason": line.reason,
            "owner": line.manifest.owner.name if line.manifest else "",
            "version": line.manifest.version if line.manifest else "",
            "waiting": waiting_version(line),
            "package": line.package,
            "items": sum(item.line_id == line.id for item in catalogue.items),
            "faults": [f"{fault.file}: {fault.what}" for fault in catalogue.faults if fault.line_id == line.id],
            "open_at": hubs.get(line.id, []),
        }
        for line in home.installed.lines
    ]


def _hubs_of_lines(session: Session) -> dict[str, list[str]]:
    hubs: dict[str, list[str]] = defaultdict(list)
    opened = select(OpenLineRow.line_id, OpenLineRow.hub_id).where(col(OpenLineRow.closed_at).is_(None))
    for line_id, hub_id in session.exec(opened.order_by(OpenLineRow.hub_id)):
        hubs[line_id].append(hub_id)
    return hubs


command.add_command(upgrade_line)
command.add_command(downgrade_line)
hub_option = click.option("--hub", required=True, metavar="HUB", help="The hub's id.")


@command.command("open")
@click.argument("line_id", metavar="LINE")
@hub_option
@click.option("--admission", default="", metavar="DIRECTORY", help="Record the admission it is opened under.")
@click.option("--approved-by", default="", help="Who approved it; with --admission.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Its last day; a year from today if not said.")
@click.option("--waive-rehearsal", default="", metavar="REASON", help="Open without a rehearsal, for this reason.")
def open_at(
    line_id: str, hub: str, admission: str, approved_by: str, until: datetime | None, waive_rehearsal: str
) -> None:
    """Open a line at a hub, under a valid admission and after a rehearsal; one is run now where none passed yet."""
    with open_installation() as home:
        try:
            if admission:
                with home.store.write() as session:
                    ctx = home.context(session, hub)
                    last = until.date() if until else ctx.clock.today() + timedelta(days=365)
                    given = Admitting(approved_by or admission, admission, ctx.clock.today(), last)
                    _admit_once(ctx, home, line_id, given)
            _rehearse_if_needed(home, line_id, hub, waive_rehearsal)
            with home.store.write() as session:
                open_rehearsed(home.context(session, hub), home.installed, line_id)
        except Problem as problem:
            _note_refusal(home, line_id, hub, problem)
            more = " Name it: --admission DIRECTORY." if problem.code == "not_admitted" else ""
            raise click.ClickException(problem.en + more) from None
        except Problems as several:
            raise click.ClickException(several.problems[0].en) from None
    click.echo(f"{line_id} is open at {hub}.")


def _admit_once(ctx: Context, home: Installation, line_id: str, given: Admitting) -> None:
    """Record an admission unless one from the same directory is in force."""
    in_force = admissions_in_force(ctx.session, ctx.hub.id, line_id, ctx.clock.today())
    if not any(row.directory == given.directory for row in in_force):
        admit(ctx, home.installed, line_id, given)


def _rehearse_if_needed(home: Installation, line_id: str, hub: str, waived: str) -> None:
    line = home.installed.line(line_id)
    if line is None or line.state != "ready":
        return  # opening says why
    with home.store.write() as session:
        ctx = home.context(session, hub)
        last = last_rehearsal(session, hub, line)
        if last and last.is_good:
            return
        asked = "" if waived else ask_rehearsal(ctx, line).id
        if waived:
            waive_rehearsal(ctx, line, waived)
    if asked:
        _run(home, asked, hub, line)


@command.command("rehearse")
@click.argument("line_id", metavar="LINE")
@hub_option
def rehearse_at(line_id: str, hub: str) -> None:
    """Accept every item for an invented resident and send it to the trial systems; nothing real is touched."""
    with open_installation() as home:
        line = home.installed.line(line_id)
        if line is None or line.state != "ready":
            raise click.ClickException(f"{line_id} cannot be rehearsed: {line.reason if line else 'not installed'}")
        with home.store.write() as session:
            asked = ask_rehearsal(home.context(session, hub), line).id
        if _run(home, asked, hub, line) != "passed":
            raise SystemExit(1)


def _run(home: Installation, asked: str, hub: str, line: Line) -> str:
    """Run a rehearsal here and print how each item went."""
    state = run_rehearsal(home.store, home.context, catalogue(home.installed), home.installed, asked)
    with home.store.read() as session:
        done = last_rehearsal(session, hub, line)
    for step in done.steps if done else ():
        click.echo(f"{step.item_code}  {step.verdict:13} {step.text_en}")
    click.echo(f"The rehearsal {state}.")
    return state


def _note_refusal(home: Installation, line_id: str, hub: str, problem: Problem) -> None:
    with home.store.write() as session:
        ctx = home.context(session, hub)
        record(ctx, "line.open_refused", subject=f"line:{line_id}", detail={"why": problem.code})


@command.command("close")
@click.argument("line_id", metavar="LINE")
@hub_option
def close_at(line_id: str, hub: str) -> None:
    """Close a line at a hub; its cases stay readable and what is under way is delivered."""
    with open_installation() as home, home.store.write() as session:
        ctx = home.context(session, hub)
        if session.get(OpenLineRow, (hub, line_id)) is None:
            raise click.ClickException(f"{line_id} was never open at {hub}")
        if close_line(ctx, line_id):
            record(ctx, "line.close", subject=f"line:{line_id}")
    click.echo(f"{line_id} is closed at {hub}.")


@command.command("remove")
@click.argument("line_id", metavar="LINE")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_line(line_id: str, yes: bool) -> None:
    """Drop a line's own tables and its settings at every hub; cases of the line stay readable."""
    with open_installation() as home:
        line = _removable(home, line_id)
        if not yes:
            click.confirm(f"Drop all tables and settings of {line_id}? There is no way back.", abort=True)
        if chain := chain_of(line):
            remove(home.store, chain)
        with home.store.write() as session:
            if hub_id := session.exec(select(HubRow.id).order_by(HubRow.id)).first():
                forget_line(home.context(session, hub_id), line_id)
            quarantine_line(session, line_id)
            forget_jobs(session, line_id)
        shutil.rmtree(home.settings.instance / FOLDER / line_id, ignore_errors=True)
    click.echo(f"{line_id} is removed. Take its package away too: pip uninstall the package that holds {line.package}.")


def _removable(home: Installation, line_id: str) -> Line:
    """Give a line that may be removed; it must be installed, or its tables could not be found."""
    line = home.installed.line(line_id)
    if line is None:
        known = ", ".join(line.id for line in home.installed.lines) or "none"
        raise click.ClickException(f"no line {line_id!r} is installed; there are: {known}")
    with home.store.read() as session:
        hubs = _hubs_of_lines(session).get(line_id)
        left, asked = count_under_way(session, home.installed, line_id), count_unanswered(session, line_id)
    if left:
        raise click.ClickException(f"{left} parcels of {line_id} are under way; let them arrive, then remove it")
    if asked:
        raise click.ClickException(f"{asked} enquiries about {line_id} wait for an answer; answer them, then remove it")
    if hubs:
        raise click.ClickException(f"{line_id} is open at {', '.join(hubs)}; close it there first")
    return line
