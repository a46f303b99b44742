"""Who may come in: signatures held against the declared texts, tokens lent and checked."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from ..department import DepartmentHome
from ..http_department import Answered, Asked, answer_json
from .shape import Shape

SKEW_SECONDS, TOKEN_SECONDS = 300, 3600
HOLE = re.compile(r"\\\{([\w.:]+)\\\}")


class Door:
    """The door of one declared department."""

    def __init__(self, home: DepartmentHome, shape: Shape) -> None:
        self.home = home
        self.shape = shape
        self.settings: dict[str, Any] = {}

    def lend(self, asked: Asked) -> Answered:
        """Lend a token (RFC 6749, 4.4)."""
        pair = f"{self.settings.get('client_id')}:{self.settings.get('client_secret')}"
        given = asked.headers.get("authorization", "").encode()
        wanted = b"Basic " + base64.b64encode(pair.encode())
        if not hmac.compare_digest(given, wanted) or asked.form().get("grant_type") != "client_credentials":
            return answer_json({"error": "invalid_client"}, 401)
        hour = int(time.time() // TOKEN_SECONDS)
        return answer_json({"access_token": self._token(hour), "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _token(self, hour: int) -> str:
        salt = self.home.faults().get("rotate_secret", "")
        return hashlib.sha256(f"{self.settings.get('client_secret')}{hour}{salt}".encode()).hexdigest()

    def lets_in(self, headers: Mapping[str, str], known: Mapping[str, str]) -> bool:
        """Tell whether the headers are ours: the settings as announced, a time near ours, a signature that holds."""
        if self.home.faults().get("expired_credentials"):
            return False
        signing = self.shape.declared.signing
        if signing.token_path and not self._has_token(headers):
            return False
        words = dict(known) | {name: str(value) for name, value in self.settings.items()}
        for name, text in signing.headers.items():
            found = self._read(text, headers.get(name.lower(), ""), words)
            if found is None:
                return False
            words |= found
        return self._is_timely(words) and self._is_signed(words)

    def _has_token(self, headers: Mapping[str, str]) -> bool:
        hour = int(time.time() // TOKEN_SECONDS)
        given = headers.get("authorization", "").encode()
        return any(hmac.compare_digest(given, f"Bearer {self._token(h)}".encode()) for h in (hour, hour - 1))

    def _read(self, text: str, given: str, words: Mapping[str, str]) -> dict[str, str] | None:
        """Hold a header against its text; gives the placeholders only the caller knows, None when it does not fit."""
        unknown: list[str] = []

        def part(hole: "re.Match[str]") -> str:
            name = hole[1].replace("\\", "")
            if name.startswith("basic:"):
                _, user, password = name.split(":")
                pair = f"{words.get(user)}:{words.get(password)}".encode()
                return re.escape("Basic " + base64.b64encode(pair).decode())
            if name in words:
                return re.escape(words[name])
            unknown.append(name)
            return "(.+)"

        found = re.fullmatch(HOLE.sub(part, re.escape(text)), given)
        return dict(zip(unknown, found.groups(), strict=True)) if found else None

    def _is_timely(self, words: Mapping[str, str]) -> bool:
        now = time.time() + float(self.home.faults().get("clock_skew_seconds", 0))
        for name, scale in (("time", 1000), ("seconds", 1)):
            if name in words and (not words[name].isdecimal() or abs(now - int(words[name]) / scale) > SKEW_SECONDS):
                return False
        return True

    def _is_signed(self, words: Mapping[str, str]) -> bool:
        sign = self.shape.declared.signing.sign
        if sign is None:
            return True
        text = re.sub(r"\{([\w.]+)\}", lambda hole: words.get(hole[1], ""), sign.text).encode()
        digest = _digest(sign.digest, text, words.get(sign.secret, "").encode() if sign.secret else None)
        spelled = {"hex": digest.hex(), "HEX": digest.hex().upper(), "base64": base64.b64encode(digest).decode()}
        return hmac.compare_digest(spelled[sign.encoding].encode(), words.get("sign", "").encode())


def _digest(name: str, text: bytes, key: bytes | None) -> bytes:
    if name == "sm3":
        if key is None:
            plain = hashes.Hash(hashes.SM3())
            plain.update(text)
            return plain.finalize()
        keyed = HMAC(key, hashes.SM3())
        keyed.update(text)
        return keyed.finalize()
    if key is None:
        return hashlib.new(name, text, usedforsecurity=False).digest()
    return hmac.new(key, text, name).digest()
