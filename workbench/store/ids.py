"""Ids that sort by time and tell nothing: ULIDs, made anywhere without asking the database."""

import secrets
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """Make a ULID: 26 characters, 48 bits of milliseconds and 80 random bits."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
