"""Case numbers: division, day, number of the day in the division; no gaps, never reused."""

from datetime import date

from sqlalchemy import Date, Integer, bindparam, text

from ..store.context import Context
from ..store.rows import prepare, run

#: One statement, so that nobody comes between reading the last number and writing the next.
TAKE = prepare(
    text(
        "INSERT INTO case_number (division, day, last) VALUES (:division, :day, :wanted) ON CONFLICT (division, day) "
        "DO UPDATE SET last = case_number.last + excluded.last RETURNING last"
    )
    .bindparams(bindparam("day", type_=Date), bindparam("wanted", type_=Integer))
    .columns(last=Integer)
)


def next_number(ctx: Context, series: str, day: date) -> str:
    """Give the hub's next number of another series, e.g. ZX990100001001-20261122-00042."""
    division = series + ctx.hub.division.ljust(12, "0")
    last = run(ctx.session, TAKE, division=division, day=day, wanted=1).scalar_one()
    return f"{division}-{day:%Y%m%d}-{last:05d}"


def next_case_nos(ctx: Context, day: date, count: int = 1) -> list[str]:
    """Give the hub's next numbers, e.g. 990100001001-20261122-00042; taken with the caller's transaction."""
    division = ctx.hub.division.ljust(12, "0")
    last = run(ctx.session, TAKE, division=division, day=day, wanted=count).scalar_one()
    return [f"{division}-{day:%Y%m%d}-{number:05d}" for number in range(last - count + 1, last + 1)]
