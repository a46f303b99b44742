"""Filters of lists, kept under a name: every list that can be narrowed offers to keep what is chosen there.

A list says its own address and what is chosen; keeping and taking away are one route for all of them.
"""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..staff.filters import drop_filter, filters_of, keep_filter
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import writing
from ..web.language import _, current_locale
from ..web.permit import permit

blueprint = Blueprint("filters", __name__, url_prefix="/h/<hub>/filters")
#: Names of what a list can be narrowed by.
CHOICE = re.compile(r"[a-z]{1,20}")


def kept_filters(ctx: Context, endpoint: str, **chosen: str) -> dict[str, Any]:
    """Give what `ui.kept_filters` draws on a list: the filters this worker keeps, and what is chosen now. One query."""
    kept = filters_of(ctx, _page_of(endpoint))
    return {
        "action": url_for("filters.change", hub=ctx.hub.id),
        "list": endpoint,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "filters": [{"name": name, "url": _address(endpoint, ctx.hub.id, query)} for name, query in kept.items()],
    }


@blueprint.post("")
@permit("board")
def change(hub: str) -> AnyResponse:
    """Keep what is chosen on a list under a name, or take a kept filter away; then the list again."""
    form = request.form
    endpoint, query, name = form.get("list", ""), form.get("query", "")[:200], form.get("filter_name", "")
    if not _is_a_list(endpoint):
        abort(404)
    try:
        with writing() as ctx:
            if form.get("action") == "drop":
                drop_filter(ctx, _page_of(endpoint), name)
            else:
                keep_filter(ctx, _page_of(endpoint), name, query)
                flash(_("Kept as “{name}”.", name=name.strip()[:40]), "success")
    except Problem as problem:
        flash(problem.text(current_locale()), "error")
    return redirect(_address(endpoint, hub, query), 303)


def _page_of(endpoint: str) -> str:
    return endpoint.rpartition(".")[2]


def _is_a_list(endpoint: str) -> bool:
    """Tell whether it is a page of a hub that needs nothing else in its path."""
    rules = current_app.url_map.iter_rules(endpoint) if endpoint in current_app.view_functions else ()
    return any("GET" in (rule.methods or ()) and rule.arguments == {"hub"} for rule in rules)


def _address(endpoint: str, hub: str, query: str) -> str:
    """Address a list with what was chosen; a filter of the review queue once was the id of a line alone."""
    chosen = dict(parse_qsl(query)) if "=" in query else {"line": query} if query else {}
    values: dict[str, Any] = {name: value for name, value in chosen.items() if CHOICE.fullmatch(name) and name != "hub"}
    return url_for(endpoint, hub=hub, **values)
