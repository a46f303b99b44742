"""What every table module starts from: naming convention and short column makers.

Table modules must not use `from __future__ import annotations` (SQLModel reads the real types).
"""

from typing import Any

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from .types import Blind, Json, Make, Sealed, SealedBytes, SealedJson

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ULID = 26


def sealed(place: str) -> Any:
    """Declare sealed text, empty by default."""
    return Field(default=None, sa_column=Column(Sealed(place), nullable=True))


def sealed_json(place: str) -> Any:
    """Declare sealed JSON, empty by default."""
    return Field(default=None, sa_column=Column(SealedJson(place), nullable=True))


def sealed_bytes(place: str) -> Any:
    """Declare sealed bytes, empty by default."""
    return Field(default=None, sa_column=Column(SealedBytes(place), nullable=True))


def blind(make: Make, *of: str, unique: bool = False) -> Any:
    """Declare a blind index column, and how it is made of the values of which columns of its row."""
    return Field(default=None, sa_column=Column(Blind(make, of), nullable=True, index=True, unique=unique))


def json_column() -> Any:
    """Declare a JSON object column, {} by default."""
    return Field(default_factory=dict, sa_column=Column(Json, nullable=False))


def json_column_added() -> Any:
    """Declare a JSON object column that came to its table later: {} where a row does not say otherwise."""
    return Field(default_factory=dict, sa_column=Column(Json, nullable=False, server_default="{}"))


def text_column() -> Any:
    """Declare a text column that came to its table later: "" where a row does not say otherwise."""
    return Field(default="", sa_column_kwargs={"server_default": ""})


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Say which words a text column may hold."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)
