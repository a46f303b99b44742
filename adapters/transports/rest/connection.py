"""One kept-alive connection to one platform, directly or through a relay between network zones."""

import base64
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from urllib.parse import SplitResult, unquote, urlsplit

from workbench.api import NeedsSettings, TryLater

#: Seconds for which an idle connection is used again, and within which a new one must stand.
KEPT, CONNECT = 30.0, 5.0


class Connection:
    """Opens when it is first used; used again until the other side closes it or it was idle for long."""

    def __init__(self, base: SplitResult, relay_url: str, ca_file: str) -> None:
        self._base = base
        self._relay = read_address(relay_url) if relay_url else None
        self._trust = _trust(ca_file) if base.scheme == "https" or ca_file else None
        self._open: HTTPConnection | None = None
        self._used_at = 0.0

    def get(self, seconds: float) -> HTTPConnection:
        """Give the open connection; raises TryLater, because nothing was sent when it cannot be opened."""
        if self._open is not None and (time.monotonic() - self._used_at > KEPT or _was_ended(self._open)):
            self.close()
        if self._open is None:
            self._open = self._connect(min(seconds, CONNECT))
        if self._open.sock is not None:
            self._open.sock.settimeout(seconds)
        self._used_at = time.monotonic()
        return self._open

    def target(self, path: str) -> tuple[str, dict[str, str]]:
        """Give what stands in the request line, and the headers a relay wants."""
        if self._relay is None or self._base.scheme == "https":
            return path, {}
        return f"{self._base.scheme}://{self._base.netloc}{path}", _sign_on(self._relay)

    def close(self) -> None:
        """Let go of the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connect(self, seconds: float) -> HTTPConnection:
        first = self._relay or self._base
        host, port = first.hostname or "", first.port or (443 if first.scheme == "https" else 80)
        made = (
            HTTPSConnection(host, port, timeout=seconds, context=self._trust)
            if self._base.scheme == "https"
            else HTTPConnection(host, port, timeout=seconds)
        )
        if self._relay and self._base.scheme == "https":
            made.set_tunnel(self._base.hostname or "", self._base.port or 443, _sign_on(self._relay))
        try:
            made.connect()
        except (OSError, HTTPException) as error:
            made.close()
            raise TryLater(f"cannot be reached: {type(error).__name__}") from error
        return made


def read_address(text: str) -> SplitResult:
    """Read an address; raises NeedsSettings when it cannot be one."""
    try:
        address = urlsplit(text.rstrip("/") + "/")
        usable = address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise NeedsSettings("the address of the platform is not usable")
    return address


def _sign_on(relay: SplitResult) -> dict[str, str]:
    if relay.username is None:
        return {}
    pair = f"{unquote(relay.username)}:{unquote(relay.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _was_ended(connection: HTTPConnection) -> bool:
    """Tell whether the other side closed a connection; nobody has anything to say on one that is at rest."""
    if connection.sock is None:
        return True
    waiting = poll()
    waiting.register(connection.sock, POLLIN)
    return bool(waiting.poll(0))


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise NeedsSettings("the file of the certificate authority cannot be read") from error
