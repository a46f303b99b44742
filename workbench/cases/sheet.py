"""The re-keying sheet of a delivery: the frozen form in the order of the department's own screen. Sends nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol, cast

from ..api.parcels import Parcel
from ..delivery.configure import platform_settings
from ..delivery.models import DeliveryRow, PayloadRow
from ..delivery.pack import pack
from ..host.discover import Installed, Platform
from ..settings import Settings
from ..store.context import Context


class SheetRow(Protocol):
    """One field of the department's screen."""

    label_zh: str
    label_en: str
    page: str
    value: str
    theirs: str
    fact: str


class Typist(Protocol):
    """What an adapter for re-keying offers besides the adapter's protocol."""

    def sheet(self, parcel: Parcel) -> Sequence[SheetRow]:
        """Lay a parcel out in the order of the target screen."""


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The fields of one of their screens."""

    title: str
    rows: tuple[SheetRow, ...]


def lay_out(ctx: Context, installed: Installed, delivery: DeliveryRow) -> list[SheetPage]:
    """Lay a delivery's frozen form out, page by page; raises BrokenPromise when the stored form was changed."""
    platform = installed.platform(delivery.platform_id)
    payload = ctx.session.get_one(PayloadRow, delivery.payload_id)
    if platform is None or platform.manifest is None or platform.manifest.way != "rekey":
        return []
    typist = cast("Typist", platform.make_adapter({}, installed.transports))
    rows = typist.sheet(pack(delivery, payload, ctx.files))
    return [SheetPage(title, tuple(group)) for title, group in _by_page(rows)]


def _by_page(rows: Sequence[SheetRow]) -> Iterable[tuple[str, Any]]:
    """Rows keep their order: a screen they come back to is drawn again."""
    return groupby(rows, key=lambda row: row.page)


def screen_address(ctx: Context, settings: Settings, platform: Platform | None) -> str:
    """Give the address of the department's own screen; "" when none is set that a browser may open."""
    if platform is None or platform.manifest is None:
        return ""
    address = str(platform_settings(ctx.session, platform.manifest, settings).get("base_url") or "")
    return address if address.startswith(("https://", "http://")) else ""
