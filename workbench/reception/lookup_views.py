"""The box beside a form that asks the departments: after the page is on screen, and again when somebody wants it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..store.context import Context
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.htmx import is_htmx
from ..web.language import bilingual
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .judge_together import Judged
from .lacking import keep_answers, place_of, plan_calls
from .lookup import Heard, ask_all
from .questions import Question
from .save_together import all_questions
from .screen import draw_origin, shown
from .sitting import HOST, Sitting
from .sitting_views import find_sitting, judge
from .together_screen import whose_words

blueprint = Blueprint("lookups", __name__, url_prefix="/h/<hub>/sittings/<sitting_id>")


@blueprint.post("/lookups")
@permit("accept")
def ask(hub: str, sitting_id: str) -> AnyResponse | Response:
    """Ask all platforms that can tell what the forms lack, keep what they say, and show what came."""
    shop, ctx = services(), reading()
    sitting = find_sitting(ctx, sitting_id)
    calls = plan_calls(ctx, shop.installed, shop.settings, sitting, judge(ctx, sitting))
    close_reading()  # nobody else waits while departments are asked
    heard = ask_all(shop.installed, calls)
    with writing() as ctx:
        sitting = find_sitting(ctx, sitting_id, lock=True)
        judged = judge(ctx, sitting)
        filled = keep_answers(ctx, sitting, judged, heard)
        if is_htmx():
            return _box(ctx, sitting, judged, heard, filled)
    return redirect(url_for("sitting.form", hub=hub, sitting_id=sitting_id), 303)


def _box(
    ctx: Context, sitting: Sitting, judged: Sequence[Judged], heard: Sequence[Heard], filled: dict[str, list[str]]
) -> Response:
    questions = all_questions(judged)
    case_id = request.args.get("case", "")
    return page(
        "reception/lookups.html",
        "lookups",
        sitting_id=sitting.id,
        case_id=case_id,
        rows=[_row(sitting, questions, one, filled.get(place_of(one), [])) for one in heard],
        arrived=[_arrived(questions[name], case_id) for names in filled.values() for name in names],
        shown_at=ctx.clock.now().isoformat(),
    )


def _row(sitting: Sitting, questions: dict[str, Question], heard: Heard, names: list[str]) -> dict[str, Any]:
    manifest = heard.call.platform.manifest
    zh, en = (manifest.name_zh, manifest.name_en) if manifest else (heard.call.platform.id, heard.call.platform.id)
    advice = bilingual(manifest.advice_zh, manifest.advice_en) if manifest else ""
    return {
        "name": bilingual(zh, en),
        "whose": whose_words(sitting, heard.call.who) if heard.call.who != HOST else "",
        "state": heard.state,
        "since": moment(heard.call.since) if heard.call.since else "",
        "advice": advice,
        "filled": [_label(questions[name]) for name in names],
        "differs": [
            _label(q)
            for q in questions.values()
            if q.who == heard.call.who and any(o.get("source") == zh for o in q.best().origin.get("conflicts", ()))
        ],
    }


def _label(question: Question) -> str:
    return bilingual(question.field.label_zh, question.field.label_en)


def _arrived(question: Question, case_id: str) -> dict[str, Any]:
    """Give what the page puts into a control that is still empty, with its source."""
    use = next((use for use in question.uses if use.part.case.id == case_id), question.best())
    name = use.key if case_id else question.name
    return {
        "name": name,
        "value": shown(question.field, use.value),
        "origin": draw_origin(question.field, use.value, use.origin, None),
    }
