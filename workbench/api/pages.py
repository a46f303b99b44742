"""What a line's own pages may ask of the workbench: where they are, who asks, about whom, and to be drawn.

A line names a Flask blueprint in line.toml. It is mounted below /h/<hub>/<line>/ and answers only where
the line is open and only to workers whose role covers it; that is asked before the view runs.

    from flask import Blueprint, Response
    from workbench.api import pages

    blueprint = Blueprint("my_line", __name__)

    @blueprint.get("/panel/<person_id>")
    @pages.permit("see")
    def panel(hub: str, person_id: str) -> Response:
        person = pages.get_person(person_id)
        response: Response = pages.render("my_line/panel.html", block="panel", person=person)
        return response

Templates lie in the line's folder `templates/`, are named with the line's id in front and extend
"base.html"; their words are looked up in the line's `translations/<locale>/*.po` first, then in the core's.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol, TypeVar

from .nouns import Hub, Person, Worker

View = TypeVar("View", bound=Callable[..., Any])


class Frame(Protocol):
    """What the workbench puts behind this surface when it is composed."""

    def current_hub(self) -> Hub: ...

    def current_worker(self) -> Worker: ...

    def today(self) -> date: ...

    def get_person(self, person_id: str) -> Person: ...

    def setting(self, key: str) -> str: ...

    def say(self, zh: str, en: str) -> str: ...

    def render(self, template: str, block: str, values: dict[str, Any]) -> Any: ...


class NotComposed(RuntimeError):
    """A page was asked for outside the running workbench."""


_frame: Frame | None = None


def serve_pages(frame: Frame) -> None:
    """Put the workbench behind this surface; only the workbench calls it."""
    global _frame
    _frame = frame


def permit(verb: str) -> Callable[[View], View]:
    """Declare the right a view asks for ("see", "search", "accept", "review" …); a view without one is refused."""

    def mark(view: View) -> View:
        view.permission = verb  # type: ignore[attr-defined]
        return view

    return mark


def current_hub() -> Hub:
    """Give the hub of this page."""
    return _behind().current_hub()


def current_worker() -> Worker:
    """Give the worker who asks, with the roles held at this hub."""
    return _behind().current_worker()


def today() -> date:
    """Give the day at the round table."""
    return _behind().today()


def get_person(person_id: str) -> Person:
    """Give a resident of this hub, and write into the trail that this line looked; others answer 404."""
    return _behind().get_person(person_id)


def setting(key: str) -> str:
    """Give a setting of this line as it counts at this hub: the hub's own, else of the hub above, else the default.

    Raises KeyError for one that line.toml does not name.
    """
    return _behind().setting(key)


def say(zh: str, en: str) -> str:
    """Choose between two texts by the language of the screen."""
    return _behind().say(zh, en)


def render(template: str, *, block: str = "", **values: Any) -> Any:
    """Draw a page, or, when a fragment is asked for and `block` names one, that block alone."""
    return _behind().render(template, block, values)


def _behind() -> Frame:
    if _frame is None:
        raise NotComposed
    return _frame
