"""How values are written on screen: days, times, amounts, ID numbers."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2.filters import do_replace
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup, escape

from ..store.clock import local


def day(value: date | None) -> str:
    """Write a day as 2026-11-22; nothing for none."""
    return value.isoformat() if value else ""


def moment(value: datetime | None) -> str:
    """Write a time as the wall clock at the hub, to the minute."""
    return f"{local(value):%Y-%m-%d %H:%M}" if value else ""


def clock_time(value: datetime | None) -> str:
    """Write only the time of day."""
    return f"{local(value):%H:%M}" if value else ""


def yuan(fen: int | None) -> str:
    """Write an amount of fen in yuan."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


def grouped(id_no: str | None) -> str:
    """Group an ID number 6-8-4 for reading aloud."""
    text = id_no or ""
    return f"{text[:6]} {text[6:14]} {text[14:]}" if len(text) == 18 else text


def choices(options: Iterable[Sequence[Any]], chosen: str = "") -> Markup:
    """Write the options of a select, (value, label) each; lists that never change are written once."""
    written = _choices(options) if isinstance(options, tuple) else _write_choices(options)
    if not chosen:
        return written
    mark = f'<option value="{escape(chosen)}"'
    return Markup(str(written).replace(f"{mark}>", f"{mark} selected>", 1))  # noqa: S704 - escaped when written


@lru_cache(maxsize=4096)
def _choices(options: tuple[tuple[str, str], ...]) -> Markup:
    return _write_choices(options)


def _write_choices(options: Iterable[Sequence[Any]]) -> Markup:
    written = Markup('<option value="{}">{}</option>')
    return Markup("").join(written.format(option[0], option[1]) for option in options)


@pass_eval_context
def replace(eval_ctx: EvalContext, value: Any, old: Any, new: Any, count: int | None = None) -> str:
    """Replace as Jinja does, in one step where all are plain texts."""
    if type(value) is str and type(old) is str and type(new) is str and count is None:
        return value.replace(old, new)
    return do_replace(eval_ctx, value, old, new, count)


ALL: dict[str, Any] = {
    "replace": replace,
    "day": day,
    "moment": moment,
    "clock_time": clock_time,
    "yuan": yuan,
    "grouped": grouped,
    "choices": choices,
}
