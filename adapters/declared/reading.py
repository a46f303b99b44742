"""What an answer means: done, sent before, no such thing, or an error by recovery; then its parts."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from adapters.code_map import of_ours
from adapters.transports.error_table import RECOVERIES
from adapters.transports.parts import LOCAL, proof_of, read_iso
from workbench.api import AdapterError, BrokenPromise, Outcome, Question, Receipt, Refused, Task
from workbench.api.declared import Collect, Declared, Find, Lookup, Push, Tasks
from workbench.api.parcels import Answer

from .mapping import Maps, at_path, text_at, yes_at

Meaning = Literal["done", "again", "nothing"]
#: No answer is older than this; systems write such times for "none".
FIRST_YEAR = 2000
ODD = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(?:\D(\d{1,2})\D(\d{1,2})(?:\D(\d{1,2}))?.*)?")


class Reading:
    """Reads the answers of one declared platform."""

    def __init__(self, declared: Declared, maps: Maps) -> None:
        self.declared = declared
        self.maps = maps
        self.fields = {field.theirs: field.ours for push in declared.push.values() for field in push.map}
        self.fields |= {theirs.rpartition(".")[2]: ours for theirs, ours in self.fields.items()}

    def meaning(self, tree: object, status: str) -> Meaning:
        """Judge an answer by its code; raises the error by recovery of any code that is no success."""
        shape = self.declared.answer
        code = text_at(tree, shape.code) if shape.code else status
        if code in shape.again:
            return "again"
        if code in shape.nothing:
            return "nothing"
        if code in shape.done and code:
            return "done"
        raise self.error(code, text_at(tree, shape.text), text_at(tree, shape.field))

    def error(self, code: str, text: str, field: str) -> AdapterError:
        """Make the error of a code; one nobody agreed on is a broken promise. Only a refusal carries their words."""
        recovery = self.declared.errors.get(code)
        if recovery == "refused":
            return Refused(text or code, code=code, field=self.ours(field) or None)
        if recovery is None:
            return BrokenPromise("answered an error code that was never agreed")
        return RECOVERIES[recovery](f"their code {code}")

    def ours(self, field: str) -> str:
        """Give our key of one of their fields; "" when it is none of the map."""
        ours = self.fields.get(field) or self.fields.get(field.rpartition(".")[2], "")
        return "" if ours.startswith("parcel.") else ours

    def receipt(self, where: Push | Find, tree: object, meaning: Meaning, proof: bytes) -> Receipt:
        """Read their number; an answer without one is no success, unless they only queue."""
        reference, at = text_at(tree, where.reference), self.time(text_at(tree, where.at))
        if not reference and isinstance(where, Push) and where.queued and meaning != "nothing":
            return Receipt("queued", "", at, proof)
        if not reference or meaning == "nothing":
            raise BrokenPromise("the answer to a message has no number")
        return Receipt("duplicate" if meaning == "again" else "accepted", reference, at, proof)

    def rows(self, tree: object, path: str) -> list[Mapping[str, Any]]:
        """Read a list of rows. Raises BrokenPromise for anything else."""
        rows = at_path(tree, path)
        if rows is None and path and isinstance(at_path(tree, path.rpartition(".")[0]), Mapping):
            rows = []  # SOAP leaves an empty list out
        if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
            raise BrokenPromise(f"the answer has no list at {path or 'its top'}")
        return list(rows)

    def outcome(self, where: Collect, row: Mapping[str, Any], proof: bytes = b"") -> Outcome:
        """Read one row of what collect brought."""
        raw = text_at(row, where.status)
        number, key, reference = text_at(row, where.number), text_at(row, where.key), text_at(row, where.reference)
        status = self.maps[where.statuses].by_theirs.get(raw)
        if status is None:
            raise BrokenPromise("a change has a state that was never agreed")
        if (where.number and not number) or not (key or reference):
            raise BrokenPromise("a change does not say what it is about")
        if status in ("accepted", "granted") and where.reference and not reference:
            raise BrokenPromise("a change has no number of theirs")
        return Outcome(
            key=key,
            reference=reference,
            status=of_ours(status),
            at=self.time(text_at(row, where.at)),
            text=text_at(row, where.text) or self.maps[where.statuses].names[raw],
            field=self.ours(text_at(row, where.field)),
            raw_status=raw,
            proof=proof or proof_of(row),
            message_id=f"n{number}" if number else f"{key}:{reference}:{raw}",
        )

    def task(self, where: Tasks, row: Mapping[str, Any]) -> Task:
        """Read one row of what they assigned."""
        number, reference, title = (text_at(row, path) for path in (where.number, where.reference, where.title))
        if not (number and reference and title):
            raise BrokenPromise("a task has no number, no reference or no title")
        kind = self.maps[where.kinds].by_theirs.get(text_at(row, where.kind), "other") if where.kinds else "other"
        said = {words: text for words, path in where.detail.items() if (text := _loose_text(row, path))}
        return Task(
            reference=reference,
            title=title,
            due=self.day(text_at(row, where.due)) if where.due else None,
            person_id_no=text_at(row, where.id_no) if where.id_no else "",
            detail=said,
            hub=text_at(row, where.hub) if where.hub else "",
            kind=of_ours(kind),
            cursor=number,
        )

    def answers(self, where: Lookup, tree: object, question: Question) -> tuple[Answer, ...]:
        """Read what they know of one person; what is empty there is not known."""
        if where.row:
            found = self.rows(tree, where.row)
            if not found:
                return ()
            tree = found[0]
        as_of = self.day(text_at(tree, where.as_of))
        wanted = [known for known in where.answers if known.fact in question.keys]
        return tuple(
            Answer(known.fact, self._known(known, text), as_of, text)
            for known in wanted
            if (text := _loose_text(tree, known.theirs))
        )

    def _known(self, known: Any, text: str) -> object:
        if known.codes:
            # Some libraries write code and text in one column: "20 已婚".
            first = text.partition(" ")[0]
            table = self.maps[known.codes]
            return table.ours(text if text in table.by_theirs else first)
        if known.kind == "bool":
            return yes_at({"value": text}, "value")
        if known.kind == "number":
            try:
                return float(text)
            except ValueError as error:
                raise BrokenPromise("a number is not written as agreed") from error
        return text

    def time(self, text: str) -> datetime | None:
        """Read a time in their pattern, or in the odd spelling old systems export; none for placeholders."""
        if not text:
            return None
        if self.declared.times == "iso":
            return read_iso(text)
        return _within(self._pattern(text) or _odd(text))

    def day(self, text: str) -> date | None:
        """Read a day."""
        at = self.time(text) if text else None
        return at.astimezone(LOCAL).date() if at else None

    def _pattern(self, text: str) -> datetime | None:
        try:
            return datetime.strptime(text, self.declared.times.replace("%-", "%")).replace(tzinfo=LOCAL)
        except ValueError:
            return None


def _odd(text: str) -> datetime:
    found = ODD.fullmatch(text)
    if not found:
        raise BrokenPromise("a time is not written as agreed")
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=LOCAL)  # type: ignore[arg-type,misc]  # 6 parts
    except ValueError as error:
        raise BrokenPromise("a time is not written as agreed") from error


def _within(at: datetime) -> datetime | None:
    return at.astimezone(UTC) if at.year >= FIRST_YEAR else None


def _loose_text(tree: object, path: str) -> str:
    value = at_path(tree, path)
    return ("true" if value else "false") if isinstance(value, bool) else text_at(tree, path)
