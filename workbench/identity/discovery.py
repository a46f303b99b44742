"""What an OpenID provider says of itself: its addresses and its keys, fetched by discovery and kept for a while.

ProviderTrouble
├── ProviderDown   it does not answer: try later, or sign on another way
└── ProviderWrong  it answers something that is not right: its admin or ours must look
"""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

TIMEOUT = httpx2.Timeout(4.0, connect=2.0)
#: Seconds what was discovered is believed without asking again.
FRESH = 300.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderTrouble(Exception):
    """Signing on with this provider does not work at the moment."""


class ProviderDown(ProviderTrouble):
    """The provider does not answer."""


class ProviderWrong(ProviderTrouble):
    """The provider's answer cannot be used."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """The addresses of one provider."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    names_itself: bool = False  # sends `iss` with its answers (RFC 9207)


_discovered: dict[str, tuple[float, Discovered]] = {}
_keys: dict[str, tuple[float, KeySet]] = {}


def discover(issuer: str, *, fresh: bool = False) -> Discovered:
    """Give a provider's addresses; with `fresh` it is asked now. Raises ProviderTrouble."""
    kept = _discovered.get(issuer)
    if kept and not fresh and kept[0] > time.monotonic():
        return kept[1]
    said = fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    found = _read(issuer, said)
    _discovered[issuer] = (time.monotonic() + FRESH, found)
    return found


def keys_of(found: Discovered, *, fresh: bool = False) -> KeySet:
    """Give the keys a provider signs with; with `fresh` it is asked now, as after a change of keys."""
    kept = _keys.get(found.jwks_uri)
    if kept and not fresh and kept[0] > time.monotonic():
        return kept[1]
    said = fetch(found.jwks_uri)
    try:
        keys = KeySet.import_key_set({"keys": [key for key in said["keys"] if key.get("use", "sig") == "sig"]})
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        raise ProviderWrong("its keys cannot be read") from None
    _keys[found.jwks_uri] = (time.monotonic() + FRESH, keys)
    return keys


def fetch(url: str, **asked: Any) -> dict[str, Any]:
    """Ask for a JSON object: a GET, or a POST of the form `data`. Raises ProviderTrouble."""
    method = "POST" if "data" in asked else "GET"
    try:
        with httpx2.Client(timeout=TIMEOUT, trust_env=False) as client:
            answer = client.request(
                method, url, headers={"Accept": "application/json"} | asked.pop("headers", {}), **asked
            )
    except httpx2.HTTPError:
        raise ProviderDown("no answer") from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ProviderDown(f"status {answer.status_code}")
    try:
        said = answer.json()
    except ValueError:
        raise ProviderWrong("not JSON") from None
    if not isinstance(said, dict):
        raise ProviderWrong("not an object")
    if answer.status_code != 200:
        raise ProviderWrong(str(said.get("error", answer.status_code))[:64])
    return said


def is_safe(url: str) -> bool:
    """Tell whether secrets may go to an address: https, or this machine itself."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        )
    except ValueError:
        return False


def _read(issuer: str, said: dict[str, Any]) -> Discovered:
    if said.get("issuer") != issuer:
        raise ProviderWrong("it calls itself by another name")
    endpoints = {
        name: str(said.get(name, "")) for name in Discovered.__slots__ if name not in ("issuer", "names_itself")
    }
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not all(is_safe(endpoints[name]) for name in needed):
        raise ProviderWrong("an address is missing or not safe")
    names_itself = said.get("authorization_response_iss_parameter_supported") is True
    return Discovered(issuer, **endpoints, names_itself=names_itself)
