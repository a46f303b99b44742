"""What declared REST and SOAP share: the questions of `ExchangeAdapter`, answered from the tables of the platform."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.api import BrokenPromise, Outcome, Parcel, Question, Receipt, Task
from workbench.api.declared import Ask, Declared, Push
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Answer

from .mapping import Maps, at_path, facts_of, message_of, parcel_message, push_of, text_at, yes_at
from .reading import Reading

#: How many tasks are asked for at once.
TASKS = 50


class ExchangeCodec(ABC):
    """One declared platform that answers each message at once."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        self.platform = platform
        self.folder = folder
        self.declared = platform.declared or Declared()
        self.maps = Maps(folder)
        self.reading = Reading(self.declared, self.maps)

    @abstractmethod
    def call(self, ask: Ask, facts: Mapping[str, object], body: dict[str, Any]) -> Any:
        """Make a call of this way."""

    @abstractmethod
    def tree(self, reply: Any) -> tuple[Any, str, bytes]:
        """Give the values of an answer, its status as text, and its bytes."""

    def ask(self, ask: Ask | None, facts: Mapping[str, object]) -> Any:
        """Make the call of a question; raises BrokenPromise for one that was never declared."""
        if ask is None:
            raise BrokenPromise("platform.toml does not say how to ask this")
        return self.call(ask, facts, message_of(ask, facts, self.maps))

    def encode(self, parcel: Parcel) -> Any:
        """Translate a parcel to their message."""
        push: Push = push_of(self.declared, parcel)
        return self.call(push, facts_of(parcel), parcel_message(self.declared, parcel, self.maps))

    def decode_receipt(self, reply: Any) -> Receipt:
        """Read the answer to a message."""
        tree, status, proof = self.tree(reply)
        meaning = self.reading.meaning(tree, status)
        pushes = list(self.declared.push.values())
        # Operations may answer in different shapes; the one fits whose number is there.
        fitting = [push for push in pushes if text_at(tree, push.reference)] or pushes
        return self.reading.receipt(fitting[0], tree, meaning, proof)

    def ask_found(self, key: str) -> Any:
        """Ask for one parcel key."""
        return self.ask(self.declared.find, {"parcel.key": key})

    def decode_found(self, reply: Any) -> Receipt | None:
        """Read the case; none only where they say plainly that they have none."""
        find = self.declared.find
        tree, status, proof = self.tree(reply)
        meaning = self.reading.meaning(tree, status)
        if find is None or meaning == "nothing":
            return None
        if find.found and at_path(tree, find.found) is not None and not yes_at(tree, find.found):
            return None
        return self.reading.receipt(find, tree, "done", proof)

    def ask_outcomes(self, cursor: str) -> Any:
        """Ask for what is new after a cursor."""
        collect = self.declared.collect
        start = cursor or (collect.start if collect else "")
        return self.ask(collect, {"cursor": start, "page": str(collect.size if collect else 0)})

    def decode_outcomes(self, reply: Any) -> tuple[Outcome, ...]:
        """Read changes in their order."""
        where = self.declared.collect
        rows = self._rows(reply)
        return tuple(self.reading.outcome(where, row) for row in rows) if where else ()

    def _rows(self, reply: Any) -> list[Mapping[str, Any]]:
        where = self.declared.collect
        tree, status, _ = self.tree(reply)
        if where is None or self.reading.meaning(tree, status) == "nothing":
            return []
        return self.reading.rows(tree, where.rows)

    def decode_cursor(self, reply: Any, cursor: str) -> tuple[str, bool]:
        """Give the next cursor and whether more wait."""
        where = self.declared.collect
        if where is None:
            return cursor, False
        rows, (tree, _, _) = self._rows(reply), self.tree(reply)
        full = yes_at(tree, where.more) if where.more else len(rows) >= where.size
        if where.paging == "after":
            return (text_at(rows[-1], where.number) if rows else cursor), full and bool(rows)
        if where.paging == "page":
            # A page that is not full yet is read again: its rows are known by their numbers.
            return str(int(cursor or where.start) + 1) if full else cursor or where.start, full
        token = text_at(tree, where.next)
        return (token or cursor), bool(token) and token != cursor and full

    def ask_answers(self, question: Question) -> Any:
        """Ask about one person."""
        facts = {"name": question.person_name, "id_no": question.id_no, "purpose": question.purpose}
        facts["hub_id"] = question.hub_id
        return self.ask(self.declared.lookup, {f"question.{name}": value for name, value in facts.items()})

    def decode_answers(self, reply: Any, question: Question) -> tuple[Answer, ...]:
        """Read what they know; a person unknown there has no answers."""
        where = self.declared.lookup
        tree, status, _ = self.tree(reply)
        if where is None or self.reading.meaning(tree, status) == "nothing":
            return ()
        return self.reading.answers(where, tree, question)

    def ask_tasks(self, cursor: str) -> Any:
        """Ask for what was assigned after a cursor."""
        where = self.declared.tasks
        return self.ask(where, {"cursor": cursor or (where.start if where else ""), "page": str(TASKS)})

    def decode_tasks(self, reply: Any) -> tuple[Task, ...]:
        """Read tasks in their order."""
        where = self.declared.tasks
        tree, status, _ = self.tree(reply)
        if where is None or self.reading.meaning(tree, status) == "nothing":
            return ()
        return tuple(self.reading.task(where, row) for row in self.reading.rows(tree, where.rows))

    def ask_health(self) -> Any:
        """Ask for a sign of life."""
        return self.ask(self.declared.check, {})

    def decode_health(self, reply: Any) -> str:
        """Read the sign of life."""
        tree, status, _ = self.tree(reply)
        self.reading.meaning(tree, status)
        return ""
