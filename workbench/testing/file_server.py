"""The SFTP server of pretend departments that take files: a real one on loopback, with the faults such servers have."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import asyncssh

from .department import DepartmentHome

#: Switches of the faults file that concern the server, and what each does while it is on.
FAULTS = {
    "down": "the port is closed and every connection is cut",
    "wrong_host_key": "the server shows another host key",
    "expired_credentials": "the password is no longer accepted",
    "slow_ms": "every request for a file or folder waits this long",
    "disk_full": "writing fails",
    "lose_answer": "the connection is cut after a manifest was put in place",
}


class Session(asyncssh.SFTPServer):
    """File requests, with the faults that concern files."""

    home: DepartmentHome

    def __init__(self, channel: Any) -> None:
        super().__init__(channel, chroot=str(self.home.folder / "exchange").encode())

    async def _wait(self) -> None:
        await asyncio.sleep(float(self.home.faults().get("slow_ms", 0)) / 1000)

    async def stat(self, path: bytes) -> Any:
        await self._wait()
        return super().stat(path)

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        if self.home.faults().get("disk_full"):
            raise asyncssh.SFTPFailure("No space left on device")
        return super().write(file_obj, offset, data)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().posix_rename(oldpath, newpath)
        if newpath.endswith(b".ok") and self.home.faults().get("lose_answer"):
            self.channel.get_connection().abort()


class Door(asyncssh.SSHServer):
    """Signs visitors on and remembers their connections, to be able to cut them."""

    def __init__(self, home: DepartmentHome, account: tuple[str, str], open_connections: set[Any]) -> None:
        self.home = home
        self.account = account
        self.open_connections = open_connections

    def connection_made(self, conn: Any) -> None:
        self.connection = conn
        self.open_connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_connections.discard(self.connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == self.account and not self.home.faults().get("expired_credentials")


class Server:
    """Listens with the right key, the wrong one or not at all, as the faults file says."""

    def __init__(self, home: DepartmentHome, account: tuple[str, str]) -> None:
        self.home = home
        self.account = account
        self.port = home.last_port()
        self.listener: Any = None
        self.open_connections: set[Any] = set()
        self.state = ""
        self.session = type("HomeSession", (Session,), {"home": home})

    async def follow_faults(self) -> None:
        """Change over when a switch was turned."""
        faults = self.home.faults()
        state = "down" if faults.get("down") else "other_key" if faults.get("wrong_host_key") else "host_key"
        if state != self.state:
            await self._change_over(state)
            self.state = state

    async def _change_over(self, state: str) -> None:
        if self.listener is not None:
            self.listener.close()
            await self.listener.wait_closed()
            self.listener = None
        for connection in list(self.open_connections):
            connection.abort()
        if state == "down":
            return
        self.listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=lambda: Door(self.home, self.account, self.open_connections),
            server_host_keys=[own_key(self.home.folder / state)],
            sftp_factory=self.session,
            allow_scp=False,
            reuse_address=True,
        )
        self.port = self.listener.get_port()


def own_key(path: Path) -> Any:
    """Give the key kept at this path, made at first use."""
    if not path.exists():
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(path))
    return asyncssh.read_private_key(str(path))


async def _run(
    home: DepartmentHome,
    account: tuple[str, str],
    process: Callable[[], None],
    settings: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    server = Server(home, account)
    await server.follow_faults()
    host_key = own_key(home.folder / "host_key").export_public_key().decode().strip()
    known = {"host": "127.0.0.1", "port": server.port, "username": account[0], "password": account[1]}
    home.announce(settings({**known, "host_key": host_key}), port=server.port)
    while True:
        await server.follow_faults()
        process()
        await asyncio.sleep(0.2)


def serve_files(
    home: DepartmentHome,
    account: tuple[str, str],
    process: Callable[[], None],
    settings: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> None:
    """Serve the folder `exchange` of the home and process what arrives, until the process is ended."""
    asyncio.run(_run(home, account, process, settings))
