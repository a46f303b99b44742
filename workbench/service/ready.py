"""Tells whether this process can serve: the database answers and stands at this program's migrations.

Worker processes are named with the age of their last sign of life, but never make the web process unready:
accepting goes on without them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import MetaData, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from ..delivery.models import WorkerProcessRow
from ..host.discover import Line
from ..store.engine import Store
from ..store.migrate import Chain, is_current
from ..tables import CORE


@dataclass(frozen=True)
class Readiness:
    """What /readyz says."""

    database: bool
    behind: tuple[str, ...] = ()  # owners whose tables are not at this program's migrations
    worker_seconds: float | None = None  # since a worker process last gave a sign of life; None when none runs

    @property
    def is_ready(self) -> bool:
        return self.database and not self.behind


@dataclass
class Judge:
    """Asks the database; what stands at its migrations is not asked again, because a new program is a new process."""

    store: Store
    lines: tuple[Line, ...]
    _current: set[str] = field(default_factory=set)

    def judge(self, now: datetime) -> Readiness:
        """Say how things stand; never raises because of the database."""
        try:
            with self.store.read() as session:
                session.execute(select(1))
            if behind := self._behind():
                return Readiness(True, behind)
            with self.store.read() as session:
                return Readiness(True, (), worker_seconds(session, now))
        except SQLAlchemyError:
            return Readiness(False)

    def _behind(self) -> tuple[str, ...]:
        waiting = [chain for chain in self._chains if chain.owner not in self._current]
        self._current |= {chain.owner for chain in waiting if self._stands(chain)}
        return tuple(chain.owner for chain in waiting if chain.owner not in self._current)

    def _stands(self, chain: Chain) -> bool:
        try:
            return chain.folder.is_dir() and is_current(self.store, chain)
        except CommandError:  # a line whose migrations cannot be read
            return False

    @cached_property
    def _chains(self) -> tuple[Chain, ...]:
        ours = (line for line in self.lines if line.manifest and line.manifest.migrations)
        # Only folder and owner are asked here, so the line's tables need not be imported.
        return (CORE, *(Chain(line.id, _folder(line), MetaData()) for line in ours))


def _folder(line: Line) -> Path:
    return line.folder / (line.manifest.migrations if line.manifest else "")


def worker_seconds(session: Session, now: datetime) -> float | None:
    """Give the seconds since any worker process that runs gave a sign of life."""
    running = select(func.max(WorkerProcessRow.seen_at)).where(col(WorkerProcessRow.ended_at).is_(None))
    seen = session.execute(running).scalar()
    return None if seen is None else max((now - seen).total_seconds(), 0.0)
