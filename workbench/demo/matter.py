"""One demonstration case being told: its row, its steps, its timeline, its clock."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..api.nouns import Worker
from ..cases.clock import due_on
from ..cases.models import CaseEventRow, CaseRow, StepRow, SuspensionRow
from ..cases.moves import load_moves
from ..cases.steps import accepting_position
from ..catalogue.items import Item
from ..reception.models import ReceptionRow
from ..store.clock import local
from ..store.context import SYSTEM
from .agenda import Plan
from .pool import Known
from .scene import Scene
from .tray import Row, Tray


@dataclass
class Matter:
    """Rows of one case, and the verbs that move it as the product's own would."""

    scene: Scene
    tray: Tray
    plan: Plan
    known: Known
    case: Row = field(init=False)
    steps: list[Row] = field(default_factory=list)
    parcels: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.case = self._begin()

    @property
    def item(self) -> Item:
        return self.plan.item

    @property
    def owner(self) -> Worker:
        return self.scene.workers[self.plan.worker]

    def _begin(self) -> Row:
        """Sit down with the resident and open a form."""
        plan, item, chance = self.plan, self.plan.item.manifest, self.scene.chance
        is_open = plan.state == "draft"
        about = {"hub_id": plan.hub_id, "person_id": self.known.person.id}
        sitting = self.tray.add(
            ReceptionRow,
            **about,
            id=chance.new_id(),
            worker_id=self.owner.id,
            state="open" if is_open else "closed",
            started_at=plan.at,
            ended_at=None if is_open else plan.at,
        )
        return self.tray.add(
            CaseRow,
            **about,
            id=chance.new_id(),
            line_id=plan.item.line_id,
            item_code=item.code,
            item_version=item.version,
            item_digest=plan.item.digest,
            title_zh=item.title_zh,
            title_en=item.title_en,
            reception_id=sitting["id"],
            owner_id=self.owner.id,
            created_at=plan.at,
            updated_at=plan.at,
        )

    def accept(self, case_no: str, payload_id: str, materials: dict[str, int]) -> None:
        """Number the case, fix its due day, lay its steps."""
        at = self.plan.at
        due = due_on(self.item.manifest, local(at).date(), self.scene.calendar)
        self.case.update(case_no=case_no, payload_id=payload_id, accepted_at=at, due_on=due)
        self.move(at, "accept", self.owner, materials=materials)
        over = accepting_position(self.item.manifest) + 1
        for position, step in enumerate(self.item.manifest.steps):
            about: Row = {"key": step.key, "by": step.by, "four_eyes": step.four_eyes, "state": "waiting"}
            if position < over:
                about |= {"state": "done", "started_at": at, "done_at": at, "done_by": self.owner.id}
            self.steps.append(self.tray.add(StepRow, case_id=self.case["id"], position=position, **about))
        self.open_step(over, at)

    def open_step(self, position: int, at: datetime) -> None:
        """Let the case stand at a step, if there is one."""
        self.case.update(step="", step_by="")
        if position < len(self.steps):
            step, row = self.item.manifest.steps[position], self.steps[position]
            row.update(state="open", started_at=at)
            if step.days is not None:
                row["due_on"] = self.scene.calendar.add(local(at).date(), step.days, step.unit)
            self.case.update(step=step.key, step_by=step.by)

    def pass_step(self, at: datetime, by: Worker, outcome: str, reason: str) -> int:
        """Let a reviewer or approver take the open step; gives its position."""
        row = next(step for step in self.steps if step["state"] == "open")
        row.update(state="done", done_at=at, done_by=by.id, outcome=outcome, reason=reason)
        self.move(at, "pass_step", by, reason=reason, step=row["key"], outcome=outcome)
        position: int = row["position"]
        self.open_step(position + 1, at)
        return position

    def finish(self, at: datetime, result: str, text: str) -> None:
        """End every step that is left, because the department decided."""
        self.case.update(result=result, result_text=text, concluded_at=at, step="", step_by="")
        for row in self.steps:
            if row["state"] in ("open", "waiting"):
                was_open = row["state"] == "open"
                row["state"] = "done" if was_open or row["by"] == "department" else "skipped"
                row.update(started_at=row["started_at"] or at, done_at=at, done_by=SYSTEM.id, outcome=result)
                row["reason"] = text if was_open else ""

    def suspend(self, at: datetime, kind: str, reason: str) -> None:
        """Stop the clock."""
        about = {"kind": kind, "reason": reason, "from_day": local(at).date(), "to_day": None}
        self.tray.add(SuspensionRow, case_id=self.case["id"], **about)

    def move(self, at: datetime, action: str, by: Worker, **detail: Any) -> None:
        """Move the case as an action does."""
        self.note(at, action, by, before=self.case["state"], **detail)
        self.case.update(state=load_moves()[action].to, version=self.case["version"] + 1)

    def note(self, at: datetime, kind: str, by: Worker, **detail: Any) -> None:
        """Write one line of the timeline."""
        said = {key: value for key, value in detail.items() if value not in ("", None)}
        about = {"case_id": self.case["id"], "at": at, "kind": kind}
        self.tray.add(CaseEventRow, **about, actor_id=by.id, actor_name=by.name, detail=said)
        self.case["updated_at"] = at
