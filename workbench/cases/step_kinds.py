"""What the kinds of steps ask for before they can be passed.

A visit is made by two and has a day; a posting hangs its days and says where, and which objections came;
an assessment names who made it. Against a matter one may always decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..api.manifest import ItemStep
from ..store.problems import Problem, Problems
from .models import StepRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing a kind of step asks for, with its label in both languages."""

    key: str
    type: str
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""


KINDS: Mapping[str, tuple[Wanted, ...]] = {
    "home_visit": (
        Wanted("visited_on", "date", "入户日期", "Day of the visit"),
        Wanted(
            "visitors",
            "text",
            "入户人员",
            "Who made the visit",
            "至少两人，用顿号隔开。",
            "At least two, with a comma.",
        ),
    ),
    "publicity": (
        Wanted(
            "posted_at", "text", "公示地点", "Where it was posted", "如社区公示栏。", "For example the notice board."
        ),
        Wanted(
            "objections", "text", "异议情况", "Objections", "没有异议请写“无”。", "Write “none” if there were none."
        ),
    ),
    "assessment": (Wanted("assessor", "text", "评定机构", "Who assessed it"),),
}
MISSING = {
    "visited_on": ("请填写入户日期。", "Enter the day of the visit."),
    "visitors": ("请写明两名入户人员。", "Name the two who made the visit."),
    "posted_at": ("请填写公示地点。", "Say where it was posted."),
    "objections": ("请写明异议情况，没有请写“无”。", "Say which objections came, or “none”."),
    "assessor": ("请填写评定机构。", "Say who assessed it."),
}


def wanted_for(step: ItemStep) -> tuple[Wanted, ...]:
    """List what passing a step asks for."""
    return KINDS.get(step.kind, ())


def check_found(
    step: ItemStep, row: StepRow, today: date, *, agrees: bool, found: Mapping[str, str]
) -> dict[str, str] | None:
    """Give what is to be kept of a step; raises Problem when its terms are not met, Problems beside the fields."""
    wanted = wanted_for(step)
    said = {one.key: found.get(one.key, "").strip()[:300] for one in wanted}
    if not agrees:
        return {key: value for key, value in said.items() if value} or None
    if step.kind == "publicity" and row.due_on is not None and today <= row.due_on:
        zh = f"公示期到 {row.due_on} 止，期满后的下一日才能办理。"
        en = f"It has to hang until {row.due_on}; the step can be passed from the day after."
        raise Problem("publicity_runs", zh, en)
    problems = [Problem(f"{key}_missing", *MISSING[key], field=key) for key, value in said.items() if not value]
    if not problems and step.kind == "home_visit":
        problems = _wrong_visit(said, today)
    if problems:
        raise Problems(problems)
    return said or None


def _wrong_visit(said: Mapping[str, str], today: date) -> list[Problem]:
    names = {name for name in said["visitors"].replace("，", "、").replace(",", "、").split("、") if name.strip()}
    problems = []
    if len(names) < 2:
        problems.append(Problem("visitors_missing", *MISSING["visitors"], field="visitors"))
    try:
        is_past = date.fromisoformat(said["visited_on"]) <= today
    except ValueError:
        is_past = False
    if not is_past:
        zh, en = "入户日期不对，不能晚于今天。", "The day of the visit is not right; it cannot lie ahead."
        problems.append(Problem("visited_on_wrong", zh, en, field="visited_on"))
    return problems
