"""How long a case or a resident's file is kept: what the item says, else what the place says, else what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from ..api.manifest import Retention as Declared
from ..catalogue.freeze import frozen_item
from ..catalogue.items import Catalogue
from ..settings import Retention
from ..store.clock import local


@dataclass(frozen=True, slots=True)
class Term:
    """So many years; `said` tells where that stands: "sourced" or "typical" of an item, "place", "usual"."""

    years: int
    said: str
    basis: str = ""
    permanent: bool = False

    @property
    def text(self) -> str:
        """The rule as it is kept with what was erased under it."""
        return f"{self.years}|{self.said}|{self.basis}"

    def ends(self, since: datetime) -> date:
        """Give the first day on which something may be erased that ended at this time."""
        return add_years(local(since).date(), self.years)


def add_years(day: date, years: int) -> date:
    """Give the same day some years later; from 29 February it is 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@dataclass
class Terms:
    """The terms of one installation: the items as they are now, the place's settings."""

    known: Catalogue
    settings: Retention

    @property
    def shortest(self) -> int:
        """The fewest years anything is kept."""
        said = (item.manifest.retention for item in self.known.items)
        return min([self.settings.case_years, *(one.years for one in said if one and one.years)])

    def person(self) -> Term:
        """Give the term of a resident's file, counted from when something was last done about it."""
        return Term(self.settings.person_years, *self._place())

    def case(self, session: Session, case: Any, divisions: Mapping[str, str], today: date) -> Term:
        """Give the term of a case: of the item as it was accepted and as it stands now, the longer one."""
        now = self.known.find(case.item_code, divisions.get(case.hub_id, ""), today)
        then = frozen_item(session, self.known, case.item_digest)
        said = [one.retention for one in (now.manifest if now else None, then) if one is not None]
        found = [_said(one) for one in said if one is not None]
        if found:
            return max(found, key=lambda term: (term.permanent, term.years))
        return Term(self.settings.case_years, *self._place())

    def _place(self) -> tuple[str, str]:
        return ("place", self.settings.basis) if self.settings.basis else ("usual", "")


def _said(said: Declared) -> Term:
    return Term(said.years, said.confidence, said.basis, permanent=said.years == 0)


def begun_before(now: datetime, years: int) -> datetime:
    """Give a time before which whatever ended may be due; it is looked at to the day afterwards."""
    return now - timedelta(days=365 * years - 1)
