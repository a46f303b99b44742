"""One SSH connection to a department's file server, opened when needed and kept.

The host key is pinned by the settings; a server with any other key is never spoken to.
What paramiko and the server raise is translated here to errors by recovery.
"""

import io
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import paramiko

from workbench.api import AdapterError, NeedsCredentials, NeedsSettings, TryLater

KEY_TYPES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@contextmanager
def translated() -> Iterator[None]:
    """Turn failures of the connection or the server into errors by recovery."""
    try:
        yield
    except AdapterError:
        raise
    except paramiko.BadHostKeyException as error:
        raise NeedsSettings("the server's host key is not the pinned one") from error
    except paramiko.AuthenticationException as error:
        raise NeedsCredentials("the file server does not accept the sign-on") from error
    except FileNotFoundError as error:
        raise NeedsSettings("the folder does not exist on the file server") from error
    except PermissionError as error:
        raise NeedsSettings("the account may not use the folder on the file server") from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise TryLater(f"the file server failed: {type(error).__name__}") from error


def read_private_key(text: str) -> paramiko.PKey:
    """Read a private key in OpenSSH or PEM form; the kinds are tried in turn."""
    for kind in KEY_TYPES:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise NeedsCredentials("the private key in the settings cannot be read")


def read_host_key(text: str) -> paramiko.PKey:
    """Read a public key such as "ssh-ed25519 AAAA…", as ssh-keyscan prints it."""
    try:
        kind, body = text.split()[:2]
        return paramiko.PKey.from_type_string(kind, b64decode(body))
    except (ValueError, BadBase64, paramiko.SSHException) as error:
        raise NeedsSettings("the host key in the settings cannot be read") from error


def read_number(settings: Mapping[str, Any], key: str) -> int:
    """Read a setting that is a whole number."""
    try:
        return int(settings[key])
    except ValueError as error:
        raise NeedsSettings(f"the setting {key} is not a whole number") from error


class Connection:
    """Gives an SFTP session, opening it when there is none."""

    def __init__(self, settings: Mapping[str, Any], timeout: float) -> None:
        self.settings = settings
        self.timeout = timeout
        self._client: paramiko.SSHClient | None = None
        self._session: paramiko.SFTPClient | None = None

    @contextmanager
    def session(self) -> Iterator[paramiko.SFTPClient]:
        """Lend the session; after any failure of the line it is dropped, so that the next use opens anew."""
        try:
            with translated():
                yield self._session or self._open()
        except AdapterError:
            self.close()
            raise

    def _open(self) -> paramiko.SFTPClient:
        client = self._client = paramiko.SSHClient()
        host, port = str(self.settings["host"]), read_number(self.settings, "port")
        host_key = read_host_key(str(self.settings["host_key"]))
        known_as = host if port == paramiko.config.SSH_PORT else f"[{host}]:{port}"
        client.get_host_keys().add(known_as, host_key.get_name(), host_key)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(host, port, **self._sign_on(), **self._patience(), allow_agent=False, look_for_keys=False)
        self._session = client.open_sftp()
        channel = self._session.get_channel()
        if channel is None:
            raise EOFError
        channel.settimeout(self.timeout)
        return self._session

    def _sign_on(self) -> dict[str, Any]:
        private_key = str(self.settings.get("private_key") or "")
        key = {"pkey": read_private_key(private_key)} if private_key else {}
        return {"username": self.settings["username"], "password": self.settings.get("password") or None, **key}

    def _patience(self) -> dict[str, Any]:
        names = ("timeout", "banner_timeout", "auth_timeout", "channel_timeout")
        return dict.fromkeys(names, self.timeout)

    def close(self) -> None:
        """Let go of the connection. Safe to call twice."""
        client, self._client, self._session = self._client, None, None
        if client is not None:
            client.close()
