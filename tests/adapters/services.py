"""Servers not written by us, for tests: PostgreSQL, MariaDB and OpenSSH, each private and on loopback.

`find_…` says where the server's program is, or None; `running_…` runs one until the block ends.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres import find_programs
from waiting import PATIENCE, wait_for

from workbench.testing.ports import free_port

SYSTEM_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def find_postgres() -> str | None:
    """Find a PostgreSQL server: the address of one that runs, or the folder of its programs."""
    programs = find_programs()
    return os.environ.get("TEST_POSTGRES_URL") or (str(programs) if programs else None)


def find_mariadb() -> str | None:
    """Find MariaDB's server program."""
    return shutil.which("mariadbd", path=SYSTEM_PATH) if shutil.which("mariadb-install-db") else None


def find_sshd() -> str | None:
    """Find OpenSSH's server program."""
    return shutil.which("sshd", path=SYSTEM_PATH)


@contextmanager
def running_mariadb(program: str) -> Iterator[str]:
    """Give the URL of an empty database whose owner is `hub`, on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-mariadb-"))
    owner, data, port = _unprivileged(folder, "mysql"), folder / "data", free_port()
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*owner, *install], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    options = [f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}"]
    options += [f"--pid-file={folder / 'pid'}", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"]
    server = subprocess.Popen([*owner, program, "--no-defaults", *options], stderr=subprocess.DEVNULL)
    try:
        _wait(port, server)
        _wait(folder / "socket", server)
        _prepare_mariadb(folder / "socket")
        yield f"mysql+pymysql://hub:secret@127.0.0.1:{port}/exchange"
    finally:
        _end(server, folder)


def _prepare_mariadb(path: Path) -> None:
    statements = (
        "CREATE DATABASE exchange CHARACTER SET gbk; GRANT ALL ON exchange.* TO hub@'%' IDENTIFIED BY 'secret';"
    )
    statements += "DROP USER IF EXISTS ''@'localhost'; DROP USER IF EXISTS ''@'%'; FLUSH PRIVILEGES;"
    command = ["mariadb", "--no-defaults", f"--socket={path}", "-u", "root", "-e", statements]
    subprocess.run(command, check=True)


@contextmanager
def running_sshd(program: str, root: Path) -> Iterator[dict[str, str]]:
    """Give the settings of an OpenSSH server that serves the folder `root` over SFTP, by key only."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-sshd-"))
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "client.pub", folder / "authorized_keys")
    port = free_port()
    lines = [f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder / 'host'}", f"PidFile {folder / 'pid'}"]
    lines += [f"AuthorizedKeysFile {folder / 'authorized_keys'}", "StrictModes no", "UsePAM no"]
    lines += ["PasswordAuthentication no", "PermitRootLogin prohibit-password", "Subsystem sftp internal-sftp"]
    lines += [f"ForceCommand internal-sftp -d {root}"]
    (folder / "config").write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        # As root it insists on an empty folder for its unprivileged half.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = subprocess.Popen([program, "-D", "-q", "-f", folder / "config"], stderr=subprocess.DEVNULL)
    try:
        _wait(port, server)
        yield {
            "host": "127.0.0.1",
            "port": str(port),
            "username": pwd.getpwuid(os.geteuid()).pw_name,
            "private_key": (folder / "client").read_text(),
            "host_key": (folder / "host.pub").read_text(),
        }
    finally:
        _end(server, folder)


def _unprivileged(folder: Path, user: str) -> list[str]:
    """Database servers refuse to run as root: hand the folder to another user and run as that one."""
    if os.geteuid() != 0:
        return []
    name = user if any(known.pw_name == user for known in pwd.getpwall()) else "nobody"
    shutil.chown(folder, name)
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


def _wait(at: int | Path, server: "subprocess.Popen[bytes]") -> None:
    family, address = (socket.AF_UNIX, str(at)) if isinstance(at, Path) else (socket.AF_INET, ("127.0.0.1", at))

    def listens() -> bool:
        assert server.poll() is None, "the server ended before it listened"
        with socket.socket(family) as caller:
            return caller.connect_ex(address) == 0

    wait_for(listens)


def _end(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    server.terminate()
    server.wait(PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)
