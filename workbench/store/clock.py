"""The one place that knows what time it is; verbs get a clock with their context."""

from datetime import UTC, date, datetime, timedelta
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


def local(moment: datetime) -> datetime:
    """Show a UTC time as the wall clock at the hub."""
    return moment.astimezone(SHANGHAI)
