"""What every question and answer of the machine interface has in common: strict, bounded, nothing undeclared."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Common rule: what is not declared is refused, and no type is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Asked(BaseModel):
    """What may stand behind the question mark of an address; it comes as text and is read as declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


#: A time, always written in UTC: 2026-11-22T02:00:00Z.
Moment = Annotated[datetime, AfterValidator(_in_utc)]
#: The id of anything.
Id = Annotated[str, Field(pattern=r"^[0-9A-Z]{26}$")]
#: The last row of the page before; "" for the first page.
After = Annotated[str, Field(pattern=r"^([0-9A-Z]{26})?$", description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=50)]
#: Short words such as codes and states.
Word = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")]


class Words(Shape):
    """A text in both languages."""

    zh: str
    en: str
