"""What somebody typed into a form that went away while they typed, because a colleague was quicker.

Nothing of it was saved, and nothing of it is lost: it stands on the page that says what happened.
"""

from collections.abc import Collection, Mapping

from flask import request

from ..web.language import _, bilingual
from .step_kinds import KINDS


def left_over(labels: Mapping[str, str], shown: Collection[str] = ()) -> list[dict[str, str]]:
    """List what was posted under these names and has no field on the page any more, each with its label."""
    typed = {name: request.form.get(name, "").strip() for name in labels if name not in shown}
    return [{"key": labels[name], "value": text[:2000]} for name, text in typed.items() if text]


def action_labels() -> dict[str, str]:
    """Name everything the form of a case's page may ask for."""
    steps = {one.key: bilingual(one.zh, one.en) for kind in KINDS.values() for one in kind}
    return {"reason": _("Reason"), **steps, "days": _("Days to answer"), "until": _("Stands still until")}
