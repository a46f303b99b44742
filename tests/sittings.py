"""A mother at the table, a child on her lap, and the forms they open together; shared by tests of sittings."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from screens import World
from sitting import fitting_value, id_number

from workbench.catalogue.form import FormField
from workbench.catalogue.loaded import catalogue
from workbench.hubs.open_lines import open_line
from workbench.people.check import PersonInput
from workbench.people.register import register_person
from workbench.reception.judge_together import judge_together
from workbench.reception.materials_together import materials_of
from workbench.reception.questions import Question
from workbench.reception.save_together import all_questions
from workbench.reception.sitting import Sitting, read_sitting
from workbench.store.context import Context

LINES = ("civil_affairs", "social_security", "family_planning", "disability_federation")
#: Five matters of four lines: three for the mother, two for the child.
BUNDLE = {"WJ-001": "me", "WJ-010": "me", "MZ-003": "me", "RS-011": "new", "CL-001": "new"}
MOTHER = "测试母亲"
CHILD = {"child-name": "测试宝宝", "child-sex": "2", "child-birth_date": "2026-11-01"}
ACCOUNT = "6200000000000000000"
CHILD_NUMBER = id_number("99010020261101002")


@dataclass
class Table:
    """One worker's browser with one sitting."""

    world: World
    act: Any
    client: FlaskClient
    mother: str
    sitting_id: str = ""

    @property
    def url(self) -> str:
        return f"/h/wutong/sittings/{self.sitting_id}"

    def open_together(self, bundle: dict[str, str] | None = None, **child: str) -> Any:
        """Choose matters and open one form for them."""
        bundle = BUNDLE if bundle is None else bundle
        data: dict[str, Any] = {"item": list(bundle), "_open": "1", **{f"for-{c}": w for c, w in bundle.items()}}
        answer = self.client.post(f"/h/wutong/people/{self.mother}/together", data=data | CHILD | child)
        if answer.status_code == 303:
            self.sitting_id = answer.headers["Location"].split("/")[-2]
        return answer

    def questions(self, ctx: Context) -> dict[str, Question]:
        sitting = self.read(ctx)
        return all_questions(judge_together(ctx, catalogue(self.world.installed), self.world.installed, sitting))

    def read(self, ctx: Context) -> Sitting:
        sitting = read_sitting(ctx, self.sitting_id)
        assert sitting is not None
        return sitting

    def fill(self, **given: Any) -> Any:
        """Answer what is still open, and go on to the check; `given` by the end of a question's name."""
        with self.act() as ctx:
            data = {"_go": "1"}
            for name, question in self.questions(ctx).items():
                held = question.best().value
                usual = ACCOUNT if question.field.type == "bank" else fitting_value(question.field)
                value = given.get(name, held if held not in (None, "", []) else usual)
                data |= posted(name, question.field, value)
        return self.client.post(f"{self.url}/form", data=data)

    def see_materials(self, *names: str) -> None:
        for name in names or self.missing():
            answer = self.client.post(f"{self.url}/materials/{name}", data={"state": "sighted"})
            assert answer.status_code == 303, answer.text

    def missing(self) -> list[str]:
        with self.act() as ctx:
            shop = self.world.installed
            judged = judge_together(ctx, catalogue(shop), shop, self.read(ctx))
            return [one.name for one in materials_of(judged).values() if one.worst.blocks]

    def accept(self, *codes: str) -> Any:
        with self.act() as ctx:
            parts = self.read(ctx).parts
            ticked = [part for part in parts if not codes or part.case.item_code in codes]
            data: dict[str, Any] = {"file": [part.case.id for part in ticked]}
            data |= {f"key-{part.case.id}": part.draft.accept_key for part in ticked}
        self.sent = data
        return self.client.post(f"{self.url}/accept", data=data)


def posted(name: str, field: FormField, value: Any) -> dict[str, Any]:
    """Say a value as a browser posts it."""
    match field.type:
        case "table":
            rows, cells = value or [], dict[str, Any]()
            for number, row in enumerate(rows):
                for column in field.columns:
                    cell = row.get(column.key) or (fitting_value(column) if column.required else None)
                    cells |= posted(f"{name}-{number}-{column.key}", column, cell)
            return {f"{name}-rows": str(len(rows)), **cells}
        case "range" if value:
            return {f"{name}-from": value["from"], f"{name}-to": value["to"]}
        case "signature":
            return {name: "", f"{name}-paper": "true"}
        case "money" if isinstance(value, int):
            return {name: str(value / 100)}
        case "multi":
            return {name: value or []}
        case "derived" | "image":
            return {}
    return {name: _text(value)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def open_lines_and_mother(world: World, act: Any) -> str:
    """Open the four lines and register the mother."""
    with act("hubadmin1") as ctx:
        for line_id in LINES:
            open_line(ctx, world.installed, line_id)
    with act() as ctx:
        given = PersonInput(name=MOTHER, id_no=id_number("99010019950305002"), phone="19900000007")
        return register_person(ctx, given).id
