"""Rows of residents, written in batches with plain inserts: a hundred thousand in about a minute."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, SQLModel

from ..people import id_number, phone
from ..people.address_keys import key_rows
from ..people.blind_keys import id_key, phone_key
from ..people.facts import fact_row
from ..people.household_models import AddressKeyRow
from ..people.models import FactRow, HouseholdRow, MemberRow, PersonKeyRow, PersonRow
from ..people.names import name_keys
from ..store.bulk import bulk_insert
from ..store.crypto import KeyRing
from .chance import Chance
from .known import known_facts
from .resident import Household, Resident

Rows = list[dict[str, Any]]
#: In the order of their foreign keys.
TABLES: tuple[type[SQLModel], ...] = (HouseholdRow, AddressKeyRow, PersonRow, PersonKeyRow, MemberRow, FactRow)
PURPOSE = "demonstration"


@dataclass
class Batch:
    """Rows of some households, not yet written."""

    keys: KeyRing
    today: date
    rows: dict[type[SQLModel], Rows] = field(default_factory=lambda: {table: [] for table in TABLES})
    residents: int = 0

    def add(self, chance: Chance, home: Household) -> None:
        """Add a household with everything known of its members."""
        # Files were opened some time this year and last, at noon.
        opened = datetime.combine(self.today - timedelta(days=chance.number(0, 400)), time(4), UTC)
        self.rows[HouseholdRow].append(
            {"id": home.id, "hub_id": home.hub_id, "address": home.address, "created_at": opened}
        )
        self.rows[AddressKeyRow] += key_rows(self.keys, home.id, home.hub_id, home.address)
        for person in home.members:
            self._add_person(person, home, opened)
            recorded = datetime.combine(self.today, time(4), UTC)
            self.rows[FactRow] += [
                fact_row(person.id, fact, recorded, "system", purpose=PURPOSE)
                for fact in known_facts(chance, person, home, self.today)
            ]
        self.residents += len(home.members)

    def write(self, session: Session) -> int:
        """Write and forget the rows; gives how many facts there were."""
        for table, rows in self.rows.items():
            bulk_insert(session, table, rows)
        facts = len(self.rows[FactRow])
        self.rows, self.residents = {table: [] for table in TABLES}, 0
        return facts

    def _add_person(self, person: Resident, home: Household, opened: datetime) -> None:
        self.rows[PersonRow].append(_person_row(self.keys, person, home, opened))
        self.rows[PersonKeyRow] += [
            {"key": key, "person_id": person.id, "hub_id": home.hub_id} for key in sorted(name_keys(person.name))
        ]
        self.rows[MemberRow].append(
            {
                "household_id": home.id,
                "person_id": person.id,
                "relation": person.relation,
                "since": max(person.birth_date, date(2015, 1, 1)),
                "until": None,
            }
        )


def _person_row(keys: KeyRing, person: Resident, home: Household, opened: datetime) -> dict[str, Any]:
    return {
        "id": person.id,
        "hub_id": home.hub_id,
        "community_id": home.community_id,
        "grid_id": home.grid_id,
        "household_id": home.id,
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.birth_date,
        "id_type": "111",
        "id_no": person.id_no or None,
        "id_index": id_key(keys, "111", person.id_no) if person.id_no else None,
        "id_masked": id_number.mask(person.id_no),
        "phone": person.phone or None,
        "phone_index": phone_key(keys, person.phone) if person.phone else None,
        "phone_masked": phone.mask(person.phone),
        "status": person.status,
        "merged_into": None,
        "created_at": opened,
        "updated_at": opened,
        "version": 1,
    }
