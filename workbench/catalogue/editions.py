"""Corrections of items that are published, laid over what the files say, in every process as soon as it is asked.

Publishing counts up the version of every hub; a process that sees a version it has not met reads the corrections again.
"""

import hashlib
import json
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, g
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from ..api.manifest import ItemManifest
from ..host.discover import Installed
from ..web.acting import reading
from ..web.services import services
from .items import Item
from .loaded import lay_over
from .models import ItemEditionRow

ROWS = (
    select(
        *(col(getattr(ItemEditionRow, name)) for name in ("code", "line_id", "number", "content", "digest", "state"))
    )
    .where(col(ItemEditionRow.state).in_(("published", "withdrawn")))
    .order_by(col(ItemEditionRow.published_at).desc(), col(ItemEditionRow.id).desc())
)
#: Hub -> the version under which the corrections were read, by database.
_seen: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()


def install(app: Flask) -> None:
    """Look before every request of a hub whether corrections have changed; a comparison of two numbers."""
    app.before_request(_look)


def _look() -> None:
    hub = g.get("hub")
    if hub is None:
        return
    seen = _seen.setdefault(services().store.engine, {})
    if seen.get(hub.id) != hub.version:
        read_editions(reading().session, services().installed)
        seen[hub.id] = hub.version


def read_editions(session: Session, installed: Installed) -> None:
    """Read the corrections and lay them over the files of this process."""
    found = [(row.state, _item(row)) for row in session.execute(ROWS)]
    published = [item for state, item in found if state == "published"]
    lay_over(installed, published, [item for state, item in found if state == "withdrawn"])


def _item(row: Any) -> Item:
    manifest = ItemManifest.model_validate(row.content)
    return Item(row.line_id, manifest, row.digest, Path(f"{row.code}+{row.number}"))


def digest_of(manifest: ItemManifest) -> str:
    """Name a content that stands in no file, for ever."""
    text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
