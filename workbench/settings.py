"""Where one installation lives and how it is reached: the instance folder, workbench.toml, the environment.

The environment wins over workbench.toml, which wins over the defaults.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from .store.clock import Clock, RehearsalClock
from .store.crypto import KeyRing
from .store.engine import Store, open_store
from .store.files import FileStore
from .store.key_file import make_keys
from .store.suites import SUITES, Suite

SECOND_STEPS = ("admins", "everybody", "nobody")


@dataclass(frozen=True)
class Unusual:
    """Thresholds of the list of unusual accesses; part [unusual] of workbench.toml."""

    #: More different residents than this within so many minutes.
    residents: int = 30
    minutes: int = 60
    #: The shift, in hours of the hub's wall clock.
    from_hour: int = 9
    to_hour: int = 21


@dataclass(frozen=True)
class Retention:
    """How long is kept what no item sets a term for; part [retention] of workbench.toml."""

    #: After a case ended, and after anything was last done about a resident who has no case left.
    case_years: int = 10
    person_years: int = 10
    #: The place's own archive rule; without it the terms are no more than usual.
    basis: str = ""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation."""

    instance: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    debug: bool = False
    #: Other host names the web server answers to; the loopback names always work.
    trusted_hosts: tuple[str, ...] = ()
    #: How browsers and platforms reach the workbench, such as https://workbench.example; "" = as each request names it.
    public_url: str = ""
    idle_lock_minutes: int = 15
    session_hours: int = 13  # a shift and its hand-over
    #: Minutes the clock is moved by, for rehearsals on synthetic data.
    clock_offset_minutes: int = 0
    #: A file that says by how many minutes the clock is moved, read again whenever it changes; for rehearsals.
    clock_file: Path | None = None
    #: Where keys and files lie when several hosts share them; None = in the instance.
    keys_file: Path | None = None
    files_folder: Path | None = None
    #: The suite of keys that are made from now on: "aes", or "sm" for SM4-GCM and HMAC-SM3.
    suite: Suite = "aes"
    #: How long somebody sees what they opened in an emergency.
    emergency_minutes: int = 60
    #: Of whom a second step is demanded after the password: "admins", "everybody" or "nobody".
    second_step: str = "admins"
    #: From when on an access stands on the list of unusual ones.
    unusual: Unusual = Unusual()
    retention: Retention = Retention()
    #: Where a copy of every signed checkpoint of the trail is put, best on another machine; None = nowhere.
    checkpoints_folder: Path | None = None

    @property
    def departments(self) -> Path:
        """Folder of the pretend departments."""
        return self.instance / "departments"

    @property
    def keys_path(self) -> Path:
        """File of the key ring."""
        return self.keys_file or self.instance / "keys.toml"

    def keys(self) -> KeyRing:
        """Read the key ring; a new installation makes one."""
        return make_keys(self.keys_path, self.suite)

    def open_store(self, keys: KeyRing | None = None) -> Store:
        """Open the database."""
        return open_store(self.database_url, keys or self.keys())

    def file_store(self, keys: KeyRing) -> FileStore:
        """Open the store of files."""
        return FileStore(self.files_folder or self.instance / "files", keys)

    def clock(self) -> Clock:
        """Give the clock of this installation."""
        if self.clock_file is not None:
            return RehearsalClock(self.clock_file)
        return Clock(timedelta(minutes=self.clock_offset_minutes))


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings and make the instance folder, private to its owner, if it is not there."""
    instance = Path(environment.get("WORKBENCH_INSTANCE", "instance")).resolve()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = instance / "workbench.toml"
    data = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    url = environment.get("WORKBENCH_DATABASE_URL") or data.get("database_url")
    return Settings(
        instance=instance,
        database_url=url or f"sqlite:///{instance / 'workbench.db'}",
        host=environment.get("WORKBENCH_HOST") or data.get("host", "127.0.0.1"),
        port=int(environment.get("WORKBENCH_PORT") or data.get("port", 8000)),
        debug=environment.get("WORKBENCH_DEBUG", "") == "1" or bool(data.get("debug", False)),
        trusted_hosts=tuple(data.get("trusted_hosts", ())),
        public_url=str(environment.get("WORKBENCH_PUBLIC_URL") or data.get("public_url", "")).rstrip("/"),
        idle_lock_minutes=int(data.get("idle_lock_minutes", 15)),
        session_hours=int(data.get("session_hours", 13)),
        clock_offset_minutes=int(environment.get("WORKBENCH_CLOCK_OFFSET") or data.get("clock_offset_minutes", 0)),
        clock_file=Path(environment["WORKBENCH_CLOCK_FILE"]) if environment.get("WORKBENCH_CLOCK_FILE") else None,
        keys_file=_place(environment.get("WORKBENCH_KEYS") or data.get("keys_file")),
        files_folder=_place(environment.get("WORKBENCH_FILES") or data.get("files_folder")),
        suite=_suite(environment.get("WORKBENCH_SUITE") or data.get("suite", "aes")),
        emergency_minutes=int(data.get("emergency_minutes", 60)),
        second_step=_one_of("second_step", data, SECOND_STEPS),
        unusual=_unusual(data.get("unusual", {})),
        retention=_retention(data.get("retention", {})),
        checkpoints_folder=_place(environment.get("WORKBENCH_CHECKPOINTS") or data.get("checkpoints_folder")),
    )


def _unusual(data: Mapping[str, object]) -> Unusual:
    try:
        return Unusual(**{name: int(str(value)) for name, value in data.items()})
    except (TypeError, ValueError) as error:
        raise ValueError(f"[unusual]: {error}") from None


def _retention(data: Mapping[str, object]) -> Retention:
    """Read the terms; a year is the least, so that a slip of the pen never makes everything due."""
    try:
        given = Retention(**{name: str(value) if name == "basis" else int(str(value)) for name, value in data.items()})  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ValueError(f"[retention]: {error}") from None
    if min(given.case_years, given.person_years) < 1:
        raise ValueError("[retention]: years are 1 or more")
    return given


def _place(named: str | None) -> Path | None:
    return Path(named).resolve() if named else None


def _one_of(name: str, data: Mapping[str, object], known: tuple[str, ...]) -> str:
    """Read a word; without it the first one counts."""
    word = str(data.get(name, known[0]))
    if word not in known:
        raise ValueError(f"{name} = {word!r}: there are {', '.join(known)}")
    return word


def _suite(named: str) -> Suite:
    for suite in SUITES:
        if named == suite:
            return suite
    raise ValueError(f"suite = {named!r}: there are {', '.join(SUITES)}")
