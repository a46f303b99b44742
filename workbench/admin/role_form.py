"""The form that gives a role: its choices, and reading it."""

from datetime import date, timedelta
from typing import Any

from flask import request

from ..identity.audit import record
from ..staff.grants import Span, give_role
from ..staff.models import KINDS, ROLES
from ..store.context import Context
from ..store.problems import Problem
from ..web.language import bilingual
from ..web.services import services
from .frame import kind_words, role_words


def give_asked(ctx: Context, worker_id: str) -> None:
    """Give the role a form asks for; raises Problem beside its field."""
    line_id = request.form.get("line", "")
    if line_id and services().installed.line(line_id) is None:
        raise Problem("line_unknown", "请选择条线。", "Choose a line.", field="line")
    span = Span(_day("first_day"), _day("last_day"), request.form.get("kind") or "temporary")
    role, reason = request.form.get("role", ""), request.form.get("reason", "")
    row = give_role(ctx, worker_id, role, line_id=line_id, span=span, reason=reason)
    detail = {"role": role, "line": line_id, "kind": row.kind}
    record(ctx, "role.give", subject=f"worker:{worker_id}", purpose=reason[:200], detail=detail)


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("day_wrong", "请按 2026-11-22 的格式填写日期。", "Write the day as 2026-11-22.", name) from None


def role_form_words() -> dict[str, Any]:
    """Give the words of roles and lines that the pages of workers need."""
    lines = services().installed.lines
    words, kinds = role_words(), kind_words()
    return {
        "role_words": words,
        "kind_words": kinds,
        "kind_options": [(kind, kinds[kind]) for kind in KINDS[1:]],
        "role_options": [(role, words[role]) for role in ROLES],
        "line_options": [(line.id, bilingual(line.name_zh, line.name_en)) for line in lines],
        "line_words": {line.id: bilingual(line.name_zh, line.name_en) for line in lines},
        "second": timedelta(seconds=1),  # an end at midnight is shown as 23:59 of the last day
    }
