"""Versions of lines: which one this installation uses, kept as copies, so that installing another one switches nothing.

A line is pinned when it is opened for the first time. From then on only a tried upgrade or downgrade changes what runs.
"""

import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from ..host.discover import Installed, Line, discover
from ..host.keep import InUse, digest_of, pack, unpack
from ..settings import Settings
from ..store.context import Context
from ..store.engine import Store
from ..store.files import FileStore
from .models import LineVersionRow, OpenLineRow

#: Where copies lie in the file store and, unpacked, in the instance of each host.
FOLDER = "lines"
#: How long a process that starts waits for its database: without it nobody knows which versions are in use.
PATIENCE, PAUSE = 600.0, 0.5


def find_installed(settings: Settings, store: Store, *, patience: float = 0.0) -> Installed:
    """Read what is installed, every line in the version that is in use here; waits so long for the database."""
    return discover({one.line_id: one for one in _in_use(settings, store, time.monotonic() + patience)})


def _in_use(settings: Settings, store: Store, until: float) -> list[InUse]:
    while True:
        try:
            with store.read() as session:
                if not sa.inspect(session.connection()).has_table(LineVersionRow.__tablename__):
                    return []
                rows = session.exec(select(LineVersionRow).where(col(LineVersionRow.in_use))).all()
            return [_used(row, settings, store) for row in rows]
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)


def _used(row: LineVersionRow, settings: Settings, store: Store) -> InUse:
    line_id, digest, archive, name = row.line_id, row.digest, row.archive, row.package.rpartition(".")[2]

    def unpack_it() -> Path | None:
        return unpack_copy(settings, store, line_id, digest, archive, name)

    return InUse(line_id, row.package, row.version, digest, unpack_it)


def unpack_copy(settings: Settings, store: Store, line_id: str, digest: str, archive: str, name: str) -> Path | None:
    """Give the folder of a copy on this host, unpacked where it is not yet; None where the file store lost it."""
    folder = settings.instance / FOLDER / line_id / digest[:16] / name
    if not (folder.is_dir() and digest_of(folder) == digest):  # nobody changes what is in use
        with suppress(FileNotFoundError):
            content = copies(settings.file_store(store.keys)).get(archive)
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unpack(content, folder)
    return folder if folder.is_dir() and digest_of(folder) == digest else None


def copies(files: FileStore) -> FileStore:
    """Give the part of the file store that holds copies of lines."""
    return files.below(FOLDER)


def keep_version(ctx: Context, line_id: str, package: str, version: str, folder: Path, digest: str) -> LineVersionRow:
    """Keep a copy of a line's files; the same files are kept once."""
    row = ctx.session.get(LineVersionRow, (line_id, digest))
    if row is None:
        row = LineVersionRow(
            line_id=line_id, digest=digest, package=package, version=version,
            archive=copies(ctx.files).put(pack(folder)), kept_at=ctx.clock.now(),
        )  # fmt: skip
        ctx.session.add(row)
        ctx.session.flush()
    return row


def use_version(ctx: Context, row: LineVersionRow) -> None:
    """Let every process that starts from now on run this version of a line."""
    for other in ctx.session.exec(select(LineVersionRow).where(LineVersionRow.line_id == row.line_id)):
        other.in_use = other.digest == row.digest
        ctx.session.add(other)
    row.in_use, row.used_from, row.used_by = True, ctx.clock.now(), ctx.actor.id
    ctx.session.add(row)
    ctx.session.flush()


def pin(ctx: Context, line: Line) -> bool:
    """Put the version of a line to use that is installed, unless one is in use already; tells whether it was pinned."""
    if version_in_use(ctx.session, line.id) is not None:
        return False
    use_version(ctx, keep_version(ctx, line.id, line.package, line.version, line.folder, line.digest))
    return True


def pin_open_lines(ctx: Context, installed: Installed) -> list[Line]:
    """Pin what is open somewhere and was opened before versions were kept; gives what was pinned."""
    opened = set(ctx.session.exec(select(OpenLineRow.line_id).distinct()))
    return [line for line in installed.ready_lines if line.id in opened and pin(ctx, line)]


def version_in_use(session: Session, line_id: str) -> LineVersionRow | None:
    """Give the version of a line that is in use."""
    query = select(LineVersionRow).where(LineVersionRow.line_id == line_id, col(LineVersionRow.in_use))
    return session.exec(query).first()


def kept_versions(session: Session, line_id: str) -> list[LineVersionRow]:
    """List the versions of a line that are kept, the latest used first."""
    query = select(LineVersionRow).where(LineVersionRow.line_id == line_id)
    latest = col(LineVersionRow.used_from).desc().nulls_last()
    return list(session.exec(query.order_by(latest, col(LineVersionRow.kept_at).desc())))


def versions_in_use(session: Session) -> dict[str, LineVersionRow]:
    """Give the version in use of every line that has one. One query."""
    return {row.line_id: row for row in session.exec(select(LineVersionRow).where(col(LineVersionRow.in_use)))}
