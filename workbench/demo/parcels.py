"""The deliveries of demonstration cases: as if they had been sent, taken and answered. None but the fresh ones is due.

What stands as a department's answer says that it is of the demonstration.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from ..api.manifest import ItemManifest, StepDelivery
from ..cases.sheet import SheetRow, Typist
from ..delivery.enqueue import AcceptedCase, lane_of
from ..delivery.models import DeliveryEventRow, DeliveryRow, PayloadRow
from ..delivery.pack import pack
from ..store.clock import local
from ..store.files import FileStore
from .scene import Scene
from .tray import Row, Tray

#: Nothing sends it again before then.
NEVER = datetime(2099, 1, 1, tzinfo=UTC)
#: platform -> how the numbers it gives begin; others say "BM".
PREFIXES = {
    "civil_affairs.case_gateway": "MZYW",
    "civil_affairs.means_check": "HD",
    "civil_affairs.two_allowances": "LX",
    "disability_federation.fuel_subsidy": "RY",
    "disability_federation.national": "CLW",
    "family_planning.birth_registration": "SYD",
    "family_planning.child_allowance": "YEB",
    "social_security.card_registry": "SBK",
    "social_security.integrated": "RSYTH",
}


class Parcels:
    """Makes deliveries and moves them on."""

    def __init__(self, scene: Scene, tray: Tray, files: FileStore) -> None:
        self._scene, self._tray, self._files = scene, tray, files
        self._typists: dict[str, Typist] = {}

    def send(
        self, case: Row, item: ItemManifest, to: StepDelivery, at: datetime, worker: str, extra: Row | None = None
    ) -> Row:
        """Put one parcel of a case on its way, due at once."""
        key = self._scene.chance.new_id()
        accepted = AcceptedCase(
            case_id=case["id"],
            case_no=case["case_no"],
            person_id=case["person_id"],
            hub_id=case["hub_id"],
            division=self._scene.hubs[case["hub_id"]].division,
            item_code=case["item_code"],
            item_version=case["item_version"],
            item_title=case["title_zh"],
            worker_name=worker,
            basis="；".join(item.legal_basis[:2]) or item.purpose,
        )
        lane = lane_of(to.platform, self._order(to.platform), accepted, key)
        about = {name: getattr(accepted, name) for name in accepted.__slots__ if name != "person_id"}
        # Keys rise with time, so parcels of one lane stay in order at the same position.
        return self._tray.add(
            DeliveryRow,
            **about,
            id=key,
            platform_id=to.platform,
            operation=to.operation,
            payload_id=case["payload_id"],
            extra=extra,
            lane=lane,
            position=1,
            due_at=at,
            created_at=at,
            updated_at=at,
        )

    def is_typed(self, platform_id: str) -> bool:
        """Tell whether a platform has no interface, so that people type into its own screen."""
        platform = self._scene.installed.platform(platform_id)
        return platform is not None and platform.manifest is not None and platform.manifest.way == "rekey"

    def hand_over(self, parcel: Row, payload: Row, at: datetime) -> None:
        """Lay the sheet of a parcel before a person."""
        rows = self._typist(parcel["platform_id"]).sheet(
            pack(DeliveryRow(**parcel), PayloadRow(**payload), self._files)
        )
        sheet = json.dumps([_as_dict(row) for row in rows], ensure_ascii=False).encode()
        parcel["attempts"], parcel["fence"] = 1, 1
        self._move(parcel, at, "needs-people", "rekey", proof=sheet)

    def _typist(self, platform_id: str) -> Typist:
        platform = self._scene.installed.platform(platform_id)
        if platform is None:
            raise LookupError(platform_id)
        if platform_id not in self._typists:
            adapter = platform.make_adapter({}, self._scene.installed.transports)
            self._typists[platform_id] = cast("Typist", adapter)
        return self._typists[platform_id]

    def take(self, parcel: Row, at: datetime, by: Mapping[str, str] | None = None) -> str:
        """Let the department take a parcel, or a person type it in; gives the department's number."""
        reference = self._number(parcel["platform_id"], at)
        parcel["attempts"] = max(parcel["attempts"], 1)
        parcel.update(reference=reference, sent_at=at, accepted_at=at)
        text = f"typed into the department's screen by {by['name']}" if by else ""
        proof = reference.encode() if by else _answer("accepted", reference)
        self._move(parcel, at, "accepted", text=text, proof=proof, actor=by["id"] if by else "system")
        return reference

    def stop(self, parcel: Row, at: datetime, reason: str, text: str) -> None:
        """Let sending stop until a person acts."""
        doubt = reason in ("outcome-unknown", "broken-promise")
        parcel.update(attempts=int(reason != "held"), reason_text="" if reason == "held" else text, in_doubt=doubt)
        self._move(parcel, at, "parked" if reason == "held" else "needs-people", reason, text)

    def finish(self, parcel: Row, at: datetime, *, granted: bool, text: str, by: str = "system") -> None:
        """Let the department decide."""
        parcel["done_at"] = at
        proof = text.encode() if by != "system" else None
        self._move(parcel, at, "done" if granted else "refused", "" if granted else "refused", text, proof, by)

    def _move(
        self,
        parcel: Row,
        at: datetime,
        state: str,
        reason: str = "",
        text: str = "",
        proof: bytes | None = None,
        actor: str = "system",
    ) -> None:
        parcel.update(state=state, reason=reason, updated_at=at, due_at=NEVER, fence=parcel["fence"] + 1)
        about: dict[str, Any] = {"state": state, "reason": reason, "text": text, "actor_id": actor, "proof": proof}
        self._tray.add(DeliveryEventRow, delivery_id=parcel["id"], at=at, **about)

    def _order(self, platform_id: str) -> Any:
        platform = self._scene.installed.platform(platform_id)
        return platform.manifest.order if platform and platform.manifest else "case"

    def _number(self, platform_id: str, at: datetime) -> str:
        return self._scene.department_number(PREFIXES.get(platform_id, "BM"), local(at).date())


def _answer(status: str, reference: str) -> bytes:
    return json.dumps({"demonstration": True, "status": status, "reference": reference}).encode()


def _as_dict(row: SheetRow) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("label_zh", "label_en", "page", "value", "theirs", "fact")}
