"""The pretend birth registration system: a real SFTP server on loopback with a night shift that never sleeps."""

import asyncio
from pathlib import Path
from typing import Any

import asyncssh

from workbench.testing.department import DepartmentHome

from .sandbox_inbox import Inbox

USERNAME, PASSWORD = "hub01", "sandbox-only"

#: Switches of the faults file, and what each does while it is on.
FAULTS = {
    "down": "the port is closed and every connection is cut",
    "wrong_host_key": "the server shows another host key",
    "expired_credentials": "the password is no longer accepted",
    "slow_ms": "every request for a file or folder waits this long",
    "disk_full": "writing fails",
    "lose_answer": "the connection is cut after a manifest was put in place",
    "never_fetch": "uploads stay where they are",
    "never_reply": "uploads are taken, no reply is written",
    "partial": "replies say taken, without a number",
    "refuse_rows": "rows are refused at the door, in words",
    "half_file": "replies stop in the middle and have no manifest yet",
    "garbage": "replies hold bytes that are no table",
    "excel": "ID numbers in replies are damaged as a spreadsheet does (3.20525E+17)",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
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

    def __init__(self, home: DepartmentHome, open_connections: set[Any]) -> None:
        self.home = home
        self.open_connections = open_connections

    def connection_made(self, conn: Any) -> None:
        self.connection = conn
        self.open_connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_connections.discard(self.connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USERNAME, PASSWORD) and not self.home.faults().get("expired_credentials")


class Server:
    """Listens with the right key, the wrong one or not at all, as the faults file says."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
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
            server_factory=lambda: Door(self.home, self.open_connections),
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


async def _run(home: DepartmentHome) -> None:
    inbox, server = Inbox(home), Server(home)
    await server.follow_faults()
    host_key = own_key(home.folder / "host_key").export_public_key().decode().strip()
    settings = {"host": "127.0.0.1", "port": server.port, "username": USERNAME, "password": PASSWORD}
    home.announce({**settings, "host_key": host_key}, port=server.port)
    while True:
        await server.follow_faults()
        inbox.process()
        await asyncio.sleep(0.2)


def serve(home: DepartmentHome) -> None:
    """Serve files and process them until the process is ended."""
    asyncio.run(_run(home))
