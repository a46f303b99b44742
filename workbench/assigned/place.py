"""Whom a task is for: the hub a department means, whether the line is open there, and the resident it is about."""

from sqlmodel import Session, col, select

from ..api.manifest import PlatformManifest
from ..host.discover import Installed
from ..hubs.models import CommunityRow, HubRow
from ..hubs.open_lines import find_hub, is_open
from ..people.blind_keys import possible_id_keys
from ..people.models import PersonRow
from ..store.crypto import KeyRing


class Places:
    """The hubs as one platform's department may call them: by id, division, or community. Two queries."""

    def __init__(self, session: Session, installed: Installed, keys: KeyRing, platform: PlatformManifest) -> None:
        self.platform_id, self.line_id = platform.id, platform.line
        self._session, self._installed, self._keys = session, installed, keys
        hubs = session.exec(select(HubRow.id, HubRow.division)).all()
        self._hubs = {division: hub_id for hub_id, division in hubs}
        self._hubs |= dict(session.exec(select(CommunityRow.id, CommunityRow.hub_id)).all())
        self._hubs |= {hub_id: hub_id for hub_id, _division in hubs}

    def find(self, name: str) -> tuple[str, str]:
        """Give the hub of a name and "", or "" and why the task cannot go there."""
        hub = find_hub(self._session, self._hubs.get(name, ""))
        if hub is None:
            return "", "no-hub"
        return (hub.id, "") if is_open(self._session, hub, self._installed, self.line_id) else ("", "line-closed")

    def find_person(self, id_no: str, hub_id: str) -> str | None:
        """Give the hub's resident with an ID number, None for nobody on file."""
        found = select(PersonRow.id).where(col(PersonRow.id_index).in_(possible_id_keys(self._keys, id_no)))
        return self._session.exec(found.where(PersonRow.hub_id == hub_id, PersonRow.status != "merged")).first()
