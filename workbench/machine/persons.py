"""Residents of the token's hub: register, search, look. Numbers are masked; every look is in the trail."""

from datetime import date
from typing import Literal

from pydantic import Field

from ..identity.audit import record
from ..people.check import PersonInput
from ..people.find import PersonHit, find_people
from ..people.register import AlreadyRegistered, register_person
from ..people.view import identity_bar
from ..web.acting import writing
from .operations import operation
from .shapes import Shape


class NewPerson(Shape):
    """What is said about a person. A machine hands on documents seen and words said, never a department's."""

    name: str = Field(min_length=1, max_length=100)
    id_type: str = Field(default="111", pattern=r"^[0-9]{3}$")
    id_no: str = Field(default="", max_length=40)
    no_id_reason: str = Field(default="", max_length=200)
    sex: str = Field(default="", pattern=r"^[0129]?$", description="GB/T 2261.1; empty: as the ID number says")
    birth_date: date | None = None
    phone: str = Field(default="", max_length=40)
    community_id: str = Field(default="", max_length=12)
    grid_id: str = Field(default="", max_length=16)
    rank: Literal["document", "word"] = "word"
    source: str = Field(default="本人", min_length=1, max_length=64)
    as_of: date | None = None
    difference_reason: str = Field(default="", max_length=200)


class Registered(Shape):
    """The id of a person's file."""

    id: str


class PersonLine(Shape):
    """One person in a list; numbers are masked."""

    id: str
    name: str
    sex: str
    birth_date: date | None
    id_masked: str
    phone_masked: str
    status: str
    community_id: str


class PersonTold(PersonLine):
    """One person."""

    age: int | None
    id_type: str
    household_size: int
    version: int


class Wanted(Shape):
    """Who is looked for: a name or part of it, pinyin, initials, a full ID number, a phone number."""

    text: str = Field(min_length=1, max_length=64)
    limit: int = Field(default=20, ge=1, le=20)


class Found(Shape):
    """Who was found, best first."""

    persons: list[PersonLine]


@operation("POST", "/persons", scope="persons:write", answer=Registered, body=NewPerson, status=(201,), problems=(409,))
def register(given: NewPerson) -> tuple[Registered, int]:
    """Open a file for a person; one who has a file already is refused with its id."""
    with writing() as ctx:
        try:
            row = register_person(ctx, PersonInput(**given.model_dump()))
            record(ctx, "person.register", person_id=row.id, purpose="registration")
            return Registered(id=row.id), 201
        except AlreadyRegistered as known:
            # It was told that this person is known: that is a look, and stays in the trail.
            record(ctx, "person.known", person_id=known.person_id, purpose="registration")
            refused = known
    raise refused


@operation("POST", "/persons/search", scope="persons:read", answer=Found, body=Wanted, purpose=True)
def search_persons(given: Wanted, purpose: str) -> Found:
    """Search the residents of the hub; a post, so that no personal data stands in an address."""
    with writing() as ctx:
        hits = find_people(ctx, given.text, given.limit)
        if not hits:
            record(ctx, "person.search", purpose=purpose, detail={"hits": 0})
        for hit in hits:
            record(ctx, "person.search", person_id=hit.id, purpose=purpose)
    return Found(persons=[_line(hit) for hit in hits])


@operation("GET", "/persons/<person_id>", scope="persons:read", answer=PersonTold, purpose=True)
def show_person(person_id: str, purpose: str) -> PersonTold:
    """Show a resident of the hub."""
    with writing() as ctx:
        bar = identity_bar(ctx, person_id)
        record(ctx, "person.look", person_id=bar.id, purpose=purpose)
    return PersonTold(**{name: getattr(bar, name) for name in PersonTold.model_fields})


def _line(hit: PersonHit) -> PersonLine:
    return PersonLine(**{name: getattr(hit, name) for name in PersonLine.model_fields})
