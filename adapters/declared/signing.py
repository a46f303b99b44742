"""Signatures said in a table: headers written from placeholders, a digest over a text of placeholders."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac

from adapters.transports.parts import write_local
from adapters.transports.rest.calls import Call, Reply, Secret
from adapters.transports.rest.signing import ClientCredentials
from workbench.api import BrokenPromise, NeedsSettings
from workbench.api.declared import Sign, Signing

HOLE = re.compile(r"\{([\w.]+(?::\w+:\w+)?)\}")
DIGESTS: Mapping[str, type[hashes.HashAlgorithm]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3, "md5": hashes.MD5}


class DeclaredSigning:
    """The signing of one declared platform, as the REST transport asks for it."""

    def __init__(self, signing: Signing) -> None:
        self.signing = signing
        self.token = ClientCredentials(signing.token_path, signing.scope) if signing.token_path else None

    def ask(self, settings: Mapping[str, Any], now: datetime) -> Call | None:
        """Make the call to the token endpoint, where one is declared."""
        return self.token.ask(settings, now) if self.token else None

    def read(self, reply: Reply, settings: Mapping[str, Any], now: datetime) -> Secret:
        """Read the token that was lent."""
        if self.token is None:
            raise BrokenPromise("lent a secret nobody asked for")
        return self.token.read(reply, settings, now)

    def sign(self, call: Call, settings: Mapping[str, Any], secret: str, now: datetime) -> Call:
        """Give the call with its headers."""
        known = {"method": call.method, "path": call.path, "body": call.body.decode("utf-8", "replace")}
        signed = replace(call, headers={**call.headers, **headers_of(self.signing, settings, now, known)})
        return self.token.sign(signed, settings, secret, now) if self.token else signed


def headers_of(
    signing: Signing, settings: Mapping[str, Any], now: datetime, known: Mapping[str, str]
) -> dict[str, str]:
    """Write the headers of one call."""
    words = {
        **{key: str(value or "") for key, value in settings.items()},
        "time": str(round(now.timestamp() * 1000)),
        "seconds": str(int(now.timestamp())),
        "stamp": write_local(now),
        "nonce": secrets.token_hex(8),
        **known,
    }
    if signing.sign:
        words["sign"] = digest_of(signing.sign, fill(signing.sign.text, words), words)
    return {name: fill(text, words) for name, text in signing.headers.items()}


def fill(text: str, words: Mapping[str, str]) -> str:
    """Fill the placeholders of a text. Raises NeedsSettings for one nobody gave."""
    return HOLE.sub(lambda hole: _word(hole[1], words), text)


def _word(name: str, words: Mapping[str, str]) -> str:
    if name.startswith("basic:"):
        _, user, password = name.split(":")
        return "Basic " + base64.b64encode(f"{words[user]}:{words[password]}".encode()).decode()
    if name not in words:
        raise NeedsSettings(f"the signature asks for {name}, which is no setting")
    return words[name]


def digest_of(sign: Sign, text: str, words: Mapping[str, str]) -> str:
    """Sign a text with the setting that is its key, or only digest it."""
    if sign.secret:
        keyed = hmac.HMAC(_word(sign.secret, words).encode(), DIGESTS[sign.digest]())
        keyed.update(text.encode())
        digest = keyed.finalize()
    elif sign.digest == "md5":
        digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    else:
        plain = hashes.Hash(DIGESTS[sign.digest]())
        plain.update(text.encode())
        digest = plain.finalize()
    if sign.encoding == "base64":
        return base64.b64encode(digest).decode()
    return digest.hex().upper() if sign.encoding == "HEX" else digest.hex()
