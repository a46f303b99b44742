"""Passwords: Argon2id at OWASP's minimum, few at a time so that a flood of sign-ins cannot eat the memory."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_slots = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """Make the hash that is kept."""
    with _slots:
        return _hasher.hash(password)


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one; takes as long for a worker who does not exist (`kept` empty)."""
    try:
        with _slots:
            return _hasher.verify(kept or _nobody(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
