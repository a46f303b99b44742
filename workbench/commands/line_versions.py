"""`workbench lines upgrade` and `downgrade`: another version of a line is tried, then switched to, or refused."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import click

from ..host.discover import Line, read_line
from ..host.keep import pack, unpack
from ..hubs.versions import kept_versions, unpack_copy, version_in_use
from ..opening.old_cases import Finding
from ..opening.trials import note_trial, switch
from ..store.migrate import knows_standing, lower, upgrade
from .chains import chain_of
from .installation import Installation, open_installation
from .try_line import try_line

RESTART = "Start the worker processes anew, and let the web server start its processes anew: kill -HUP."
MOVED = Finding(
    "stop", "migrations", "条线自己的表比此版本新。", "The line's own tables are newer than this version.",
    "要退回较早的版本，请用 workbench lines downgrade。",
    "To go back to an earlier version: workbench lines downgrade.",
)  # fmt: skip


@click.command("upgrade")
@click.argument("line_id", metavar="LINE", required=False)
@click.option("--all", "every", is_flag=True, help="Every line of which another version is installed.")
@click.option(
    "--from", "source", type=click.Path(exists=True, path_type=Path), metavar="PATH",
    help="A wheel, or a folder with line.toml, instead of what is installed.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only try it.")
def upgrade_line(line_id: str | None, every: bool, source: Path | None, dry_run: bool) -> None:
    """Try another version of a line: its contract and its old cases. Only one that passes is switched to."""
    if bool(line_id) == every or (source and every):
        raise click.UsageError("name one line, or say --all")
    with open_installation() as home:
        if every:
            good = [upgrade_waiting(home, line, dry_run=dry_run) for line in home.installed.lines if line.waiting]
            if not good:
                click.echo("Every line in use is the installed version.")
        else:
            with _candidate(_known(home, line_id or ""), source) as tried:
                good = [_try(home, tried, dry_run=dry_run)]
    if not all(good):
        raise SystemExit(1)


@click.command("downgrade")
@click.argument("line_id", metavar="LINE")
@click.argument("version")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade_line(line_id: str, version: str, yes: bool) -> None:
    """Go back to an earlier version of a line that was in use here; it is tried like any other."""
    with open_installation() as home:
        line = _known(home, line_id)
        tried = _kept(home, line, version)
        step_down = not knows_standing(home.store, chain_of(tried), line_id)
        if step_down and not yes:
            text = f"Tables of {line_id} that version {version} does not know are dropped, with what they hold. Go on?"
            click.confirm(text, abort=True)
        if not _try(home, tried, before=lambda: _step_down(home, line, tried) if step_down else None):
            raise SystemExit(1)


def upgrade_waiting(home: Installation, line: Line, *, dry_run: bool = False) -> bool:
    """Try the installed version of a line of which another one is in use; tells whether it passed."""
    with _candidate(line, None) as tried:
        return _try(home, tried, dry_run=dry_run)


def _known(home: Installation, line_id: str) -> Line:
    line = home.installed.line(line_id)
    with home.store.read() as session:
        used = version_in_use(session, line_id)
    if line is None:
        raise click.ClickException(f"no line {line_id!r} is installed")
    if used is None:
        raise click.ClickException(f"{line_id} is not in use: opening it at a hub takes the installed version")
    return replace(line, package=used.package)


@contextmanager
def _candidate(line: Line, source: Path | None) -> Iterator[Line]:
    """Give the version to try as a copy of its own, under the name its package has."""
    with tempfile.TemporaryDirectory(prefix="workbench-line-") as room:
        folder = Path(room) / line.package.rpartition(".")[2]
        found = line.waiting or line.folder
        if source:
            found = _find_in(_opened(source, Path(room)), line.id)
        unpack(pack(found), folder)
        yield read_line(line.id, line.package, folder)


def _opened(source: Path, room: Path) -> Path:
    if source.is_dir():
        return source
    try:
        unpack(source.read_bytes(), room / "wheel")
    except (BadZipFile, ValueError):
        raise click.ClickException(f"{source.name} is no wheel") from None
    return room / "wheel"


def _find_in(folder: Path, line_id: str) -> Path:
    """Find the one folder below that holds this line."""
    found = [
        path.parent
        for path in sorted(folder.rglob("line.toml"))
        if (manifest := read_line(line_id, "", path.parent).manifest) and manifest.id == line_id
    ]
    if len(found) != 1:
        text = f"{folder.name} holds {len(found)} folders with a line.toml of {line_id}; one is wanted"
        raise click.ClickException(text)
    return found[0]


def _kept(home: Installation, line: Line, version: str) -> Line:
    with home.store.read() as session:
        rows = kept_versions(session, line.id)
    row = next((one for one in rows if one.version == version and not one.in_use), None)
    if row is None:
        known = ", ".join(dict.fromkeys(one.version for one in rows if not one.in_use)) or "none"
        raise click.ClickException(f"version {version} of {line.id} is not kept here; there are: {known}")
    name = row.package.rpartition(".")[2]
    folder = unpack_copy(home.settings, home.store, line.id, row.digest, row.archive, name)
    if folder is None:
        raise click.ClickException(f"the copy of version {version} of {line.id} is lost; install it and upgrade to it")
    return read_line(line.id, row.package, folder)


def _try(home: Installation, tried: Line, *, dry_run: bool = False, before: Callable[[], None] | None = None) -> bool:
    """Try a version, say what was found, and switch to it where nothing stops it; tells whether it passed."""
    with home.store.read() as session:
        used = version_in_use(session, tried.id)
    if used is not None and used.digest == tried.digest:
        click.echo(f"{tried.id}: version {used.version} is in use, exactly these files.")
        return True
    findings, cases = try_line(tried)
    if before is None and not knows_standing(home.store, chain_of(tried), tried.id):
        findings = [*findings, MOVED]
    with home.store.write() as session:
        ctx = home.anywhere(session)
        if ctx is None:
            raise click.ClickException("there is no hub yet")
        trial = note_trial(ctx, tried, findings, cases)
        trial_id, passed = trial.id, trial.passed
    show(tried, used.version if used else "", findings, cases)
    if not passed or dry_run:
        return passed
    if before:
        before()
    if chain := chain_of(tried):
        upgrade(home.store, chain)
    with home.store.write() as session:
        if ctx := home.anywhere(session):
            switch(ctx, tried, trial_id)
    click.echo(f"{tried.id}: version {tried.version} is in use. {RESTART}")
    return True


def show(tried: Line, used: str, findings: Sequence[Finding], cases: int) -> None:
    """Say what a trial found: line, owner, file, reason, what to do."""
    owner = tried.manifest.owner if tried.manifest else None
    for one in findings:
        click.echo(f"{tried.id}: {one.file}: {click.style(one.level, bold=True)}: {one.en}\n    {one.do_en}")
    stops = sum(one.level == "stop" for one in findings)
    verdict = f"REFUSED, {stops} findings stop it; version {used} goes on" if stops else "passed"
    named = " ".join(filter(None, (owner.name, owner.phone, owner.email))) if owner else "unknown"
    click.echo(f"{tried.id}: {used} -> {tried.version}, {cases} old cases read, owner {named}: {verdict}.")


def _step_down(home: Installation, line: Line, tried: Line) -> None:
    """Take the line's tables back to where the earlier version knows them."""
    if newer := chain_of(line):
        lower(home.store, newer, chain_of(tried))
