"""The one place that knows what time it is; verbs get a clock with their context."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """The real time, or, with an offset, a time moved for tests and rehearsals."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Give the time in UTC."""
        return datetime.now(UTC) + self.offset

    def today(self) -> date:
        """Give the day at the round table (Asia/Shanghai)."""
        return self.now().astimezone(SHANGHAI).date()


class RehearsalClock(Clock):
    """A clock that reads from a file how far it is moved, in minutes; for rehearsals on synthetic data only.

    Every process of an installation reads the same file, so that all of them jump together.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self._seen = 0

    def now(self) -> datetime:
        """Give the time in UTC, moved as the file says now."""
        try:
            seen = self.file.stat().st_mtime_ns
            if seen != self._seen:
                self.offset, self._seen = timedelta(minutes=int(self.file.read_text("ascii"))), seen
        except (FileNotFoundError, ValueError):  # not there yet, or being written
            pass
        return super().now()


def local(moment: datetime) -> datetime:
    """Show a UTC time as the wall clock at the hub."""
    return moment.astimezone(SHANGHAI)
