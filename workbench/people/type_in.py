"""Reads the form of a new resident: text as typed into what `check_person` takes."""

from collections.abc import Mapping
from datetime import date

from pydantic import ValidationError

from ..store.problems import Problem
from .check import PersonInput

FIELDS = (
    "name", "id_type", "id_no", "no_id_reason", "sex", "birth_date", "phone", "community_id", "difference_reason",
)  # fmt: skip
#: How the worker came to know: field value -> (rank, source).
EVIDENCE = {
    "card": ("document", "居民身份证（已核验）"),
    "hukou": ("document", "户口簿（已核验）"),
    "word": ("word", "本人"),
}


def typed_values(form: Mapping[str, str]) -> dict[str, str]:
    """Take what was typed, as it was typed."""
    return {name: form.get(name, "").strip() for name in (*FIELDS, "evidence")}


def read_input(typed: Mapping[str, str]) -> tuple[PersonInput | None, list[Problem]]:
    """Turn typed text into an input; what cannot be read is told beside its field, and the rest is still checked."""
    problems: list[Problem] = []
    born = _read_day(typed["birth_date"], problems)
    rank, source = EVIDENCE.get(typed["evidence"], EVIDENCE["word"])
    values = {name: typed[name] for name in FIELDS if name != "birth_date" and typed[name]}
    try:
        given = PersonInput.model_validate({"name": "", **values, "birth_date": born, "rank": rank, "source": source})
    except ValidationError as error:
        return None, problems + [_too_long(str(one["loc"][0])) for one in error.errors()]
    return given, problems


def _read_day(text: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        zh, en = "请按年-月-日填写日期。", "Write the day as year-month-day."
        problems.append(Problem("day", zh, en, "birth_date"))
        return None


def _too_long(field: str) -> Problem:
    return Problem("too_long", "内容过长，请核对后重新填写。", "This is too long. Check it and enter it again.", field)
