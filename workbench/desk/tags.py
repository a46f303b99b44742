"""The few facts that stand as tags beside a resident's name, each with its source."""

from collections.abc import Mapping

from ..api.nouns import Fact
from ..web.language import _
from .known import word_of, write_value


def tags_of(current: Mapping[str, Fact]) -> list[dict[str, str]]:
    """Give the tags of a person; only what is certainly so."""
    found = [
        {"text": text, "source": current[key].source}
        for key, text in _words().items()
        if key in current and current[key].value is True
    ]
    level = current.get("disability.level")
    if level is not None and level.value:
        text = f"{_('Disability')} {write_value(word_of('disability.level'), level.value)}"
        found.append({"text": text, "source": level.source})
    return found


def _words() -> dict[str, str]:
    return {
        "dibao.active": _("Dibao"),
        "dibao_edge.active": _("Dibao edge"),
        "tekun.active": _("Tekun"),
        "orphan_allowance.active": _("Orphan allowance"),
        "smd.registered": _("On the mental health register"),
        "hard_employment.recognized": _("Hard to employ"),
    }
