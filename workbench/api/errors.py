"""What an adapter may raise, grouped by how one recovers.

AdapterError
├── TryLater          wait and send again: busy, down, timed out before anything was sent
├── NeedsCredentials  somebody renews a password, secret or certificate
├── NeedsSettings     an admin completes or corrects the platform's settings
├── Refused           the department said no to this matter: a correction is opened
├── BrokenPromise     the answer is not what the protocol promises: stop, tell the owner
└── OutcomeUnknown    it may or may not have arrived and cannot be asked: a person decides

Texts never hold personal data: they are logged and shown on boards.
"""


class AdapterError(Exception):
    """The platform did not do what was asked."""

    def __init__(self, text: str = "") -> None:
        self.text = text or (type(self).__doc__ or "").strip()
        super().__init__(self.text)


class TryLater(AdapterError):
    """The platform cannot be reached or is busy; nothing was taken. Send again later."""

    def __init__(self, text: str = "", after: float | None = None) -> None:
        super().__init__(text)
        #: Seconds the platform asked to be left alone, or None for the usual back-off.
        self.after = after


class NeedsCredentials(AdapterError):
    """The platform does not accept the sign-on or the signature; renew the credentials."""


class NeedsSettings(AdapterError):
    """The platform's settings are missing or wrong; an admin completes them."""


class Refused(AdapterError):
    """The department refused this matter; its words go back to the form."""

    def __init__(self, text: str = "", code: str = "", field: str | None = None) -> None:
        super().__init__(text)
        #: The department's own error code, as it came.
        self.code = code
        #: Our key of the field the department complains about, when it can be told.
        self.field = field


class BrokenPromise(AdapterError):
    """The platform answered something its protocol does not allow; its adapter needs care."""


class OutcomeUnknown(AdapterError):
    """The answer was lost and the platform cannot be asked; a person looks there and decides."""
