"""What states and ways of enquiries are called."""

from ..web.language import _


def state_words() -> dict[str, str]:
    """Name how an enquiry stands."""
    return {"open": _("To answer"), "passed-on": _("Passed on"), "answered": _("Answered")}


def answered_words() -> dict[str, str]:
    """Name how an answer was given."""
    return {
        "counter": _("at the table"),
        "phone": _("by phone"),
        "message": _("by message"),
        "paper": _("on paper"),
    }


def passed_words() -> dict[str, str]:
    """Name how a matter was passed on."""
    return {"paper": _("on paper, with a slip"), "phone": _("by phone"), "message": _("by message")}
