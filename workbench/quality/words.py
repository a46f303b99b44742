"""Words of ratings."""

from ..web.language import _


def level_words() -> dict[int, str]:
    """Name the five levels (GB/T 39046 A.8)."""
    return {
        1: _("Very satisfied"),
        2: _("Satisfied"),
        3: _("Fair"),
        4: _("Dissatisfied"),
        5: _("Very dissatisfied"),
    }
