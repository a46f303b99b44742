"""Which version of a line is in use, which is installed, and how its last trials went, for the admin's pages."""

from dataclasses import dataclass

from ..host.discover import Line, read_line
from ..hubs.models import LineVersionRow
from ..hubs.versions import version_in_use
from ..opening.models import LineTrialRow
from ..opening.trials import list_trials
from ..store.context import Context


@dataclass(frozen=True)
class Versions:
    """The versions of one line."""

    in_use: LineVersionRow | None  # None for one that was never opened
    waiting: str  # what is installed and not in use
    is_stale: bool  # this process still runs another version than the one in use
    trials: list[LineTrialRow]


def versions_of(ctx: Context, line: Line) -> Versions:
    """Read the versions of a line. Two queries."""
    in_use = version_in_use(ctx.session, line.id)
    return Versions(in_use, waiting_version(line), is_stale(line, in_use), list_trials(ctx.session, line.id))


def waiting_version(line: Line) -> str:
    """Name the version that is installed and not in use; "" where they are the same."""
    return (read_line(line.id, line.package, line.waiting).version or "?") if line.waiting else ""


def is_stale(line: Line, in_use: LineVersionRow | None) -> bool:
    """Tell whether this process runs other files than those in use."""
    return in_use is not None and line.state == "ready" and line.digest != in_use.digest
