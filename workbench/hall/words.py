"""Words of the hall."""

from ..web.language import _


def channel_words() -> dict[str, tuple[str, str]]:
    """Name the channels, and say who each is for."""
    return {
        "ordinary": (_("Ordinary number"), _("For any matter.")),
        "express": (_("Express number"), _("For handing something in or collecting it.")),
        "green": (_("Green channel"), _("For the elderly, the disabled, expectant mothers and soldiers.")),
        "appointment": (_("Appointment"), _("Somebody who booked a time.")),
    }
