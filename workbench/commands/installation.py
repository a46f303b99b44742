"""Opens the installation a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from sqlmodel import Session, select

from ..host.discover import Installed
from ..hubs.models import HubRow
from ..hubs.open_lines import find_hub
from ..hubs.versions import find_installed, pin_open_lines
from ..settings import Settings, load_settings
from ..store.clock import Clock
from ..store.context import SYSTEM, Context
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.lost_keys import refuse_lost_keys


@dataclass(frozen=True)
class Installation:
    """What a command needs of an installation."""

    settings: Settings
    keys: KeyRing
    store: Store
    clock: Clock
    installed: Installed

    def context(self, session: Session, hub_id: str) -> Context:
        """Give the context in which the command line acts at a hub."""
        hub = find_hub(session, hub_id)
        if hub is None:
            known = ", ".join(session.exec(select(HubRow.id).order_by(HubRow.id))) or "none"
            raise click.ClickException(f"no hub {hub_id!r}; there are: {known}")
        files = self.settings.file_store(self.keys)
        return Context(session, SYSTEM, hub, self.clock, self.keys, files, "command line")

    def anywhere(self, session: Session) -> Context | None:
        """Give the context of the first hub, for what concerns all of them; None where there is no hub."""
        first = session.exec(select(HubRow.id).order_by(HubRow.id)).first()
        return self.context(session, first) if first else None


@contextmanager
def open_installation() -> Iterator[Installation]:
    """Open the installation named by the environment, and let go of it at the end."""
    settings = read_settings()
    keys = settings.keys()
    store = settings.open_store(keys)
    try:
        yield Installation(settings, keys, store, settings.clock(), find_installed(settings, store))
    finally:
        store.close()


def pin_what_is_open(home: Installation) -> None:
    """Pin the lines that were opened before versions were kept, and say which others wait to be tried."""
    with home.store.write() as session:
        ctx = home.anywhere(session)
        pinned = pin_open_lines(ctx, home.installed) if ctx else []
    if pinned:
        click.echo(f"Pinned the installed versions of {len(pinned)} open lines.")
    if waiting := [line.id for line in home.installed.lines if line.waiting]:
        named = ", ".join(waiting)
        click.echo(f"Another version is installed than in use: {named}. Try it: workbench lines upgrade --all")


def read_settings() -> Settings:
    """Read the settings, or say what is wrong with them; raises KeysLost where new keys would be made for old data."""
    try:
        settings = load_settings()
    except ValueError as error:  # also what tomllib raises
        raise click.ClickException(f"the settings cannot be read: {error}") from None
    refuse_lost_keys(settings.keys_path, settings.database_url)
    return settings
