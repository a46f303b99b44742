"""What the form shows of who sits at the table: the resident, those with an authority on file, somebody else."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for

from ..cases.who_came import authority_words
from ..store.context import Context
from ..store.problems import Problem
from ..web.language import _, current_locale
from .sitting import HOST, WHO
from .who_sits import OTHER, RESIDENT, SITS, offered


def draw_sits(
    ctx: Context,
    person_id: str,
    values: Mapping[str, Any],
    problems: Mapping[str, Problem],
    *,
    asks_agent: bool,
    has_any: bool = True,
) -> dict[str, Any]:
    """Give the choices with the one that stands, and where an authority is written down.

    A form for somebody else of the sitting says there who sits at the table.
    """
    if values.get(WHO, HOST) != HOST:
        return {"sits": [], "authority_url": ""}
    people = offered(ctx, person_id, values) if has_any else ()
    chosen = next((one["id"] for one, is_chosen in people if is_chosen), "")
    choices = [(RESIDENT, _("The resident themself"), "")]
    choices += [(one["id"], one["name"], authority_words(one, current_locale())) for one, _chosen in people]
    if asks_agent:
        choices.append(
            (
                OTHER,
                _("Somebody else comes for the applicant"),
                _("Choose Show the fields, and see the letter of authority."),
            )
        )
    standing = chosen or (OTHER if values.get("_agent") and asks_agent else RESIDENT)
    problem = problems.get(SITS)
    return {
        "sits": choices if len(choices) > 1 else [],
        "sits_now": standing,
        "sits_error": problem.text(current_locale()) if problem else "",
        "authority_url": _authority_url(ctx, person_id),
    }


def _authority_url(ctx: Context, person_id: str) -> str:
    there = "home.authority" in current_app.view_functions
    return url_for("home.authority", hub=ctx.hub.id, person_id=person_id) if there else ""
