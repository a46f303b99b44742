"""Column types: sealed text, sealed JSON, blind index. The key ring rides on the engine's dialect.

What is sealed or indexed here is found by these types when keys are changed, so a new column cannot be forgotten.
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from .crypto import KeyRing

#: JSON that PostgreSQL can index. Assign a new value to change it; changes in place are not seen.
Json = JSON().with_variant(JSONB(), "postgresql")


def sorted_text(length: int) -> String:
    """Text whose prefixes an index can find on both databases (PostgreSQL needs the byte order for that)."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def key_ring(dialect: Dialect) -> KeyRing:
    """Give the ring that `open_store` put on this engine."""
    ring: KeyRing = dialect.workbench_keys  # type: ignore[attr-defined]
    return ring


class Sealed(TypeDecorator[str]):
    """Text encrypted at rest, bound to its place."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else key_ring(dialect).seal(self.place, self.dump(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.load(key_ring(dialect).unseal(self.place, bytes(value)))

    def dump(self, value: Any) -> bytes:
        return str(value).encode()

    def load(self, value: bytes) -> Any:
        return value.decode()


#: Makes an index of the ring and the values of columns; every value must be given.
Make = Callable[..., bytes]


class Blind(TypeDecorator[bytes]):
    """Bytes by which equal sealed values are found; made anew when the key of indexes changes."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, make: Make | None = None, of: tuple[str, ...] = ()) -> None:
        super().__init__(17)
        self.make, self.of = make, of


class SealedJson(Sealed):
    """JSON encrypted at rest, bound to its place."""

    cache_ok = True

    def dump(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    def load(self, value: bytes) -> Any:
        return json.loads(value)


class SealedBytes(Sealed):
    """Bytes encrypted at rest, bound to their place; proofs are kept byte for byte."""

    cache_ok = True

    def dump(self, value: Any) -> bytes:
        return bytes(value)

    def load(self, value: bytes) -> Any:
        return value
