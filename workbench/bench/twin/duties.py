"""What every screen owes: the session with its rights, the form token, sealed fields, the audit chain."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ...api.nouns import Worker
from ...identity.may import may
from ...store.crypto import KeyRing
from .database import Database

START = b"\0" * 32
IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=13)
SESSION = (
    "SELECT s.worker_id, w.username, w.name, w.is_active, s.created_at, s.seen_at, s.locked_at, s.ended_at, "
    "g.hub_id, g.role, g.line_id, h.name_zh, h.division, h.version FROM sign_in s "
    "JOIN worker w ON w.id = s.worker_id LEFT JOIN role_grant g ON g.worker_id = w.id AND g.hub_id = ? "
    "AND g.valid_from <= ? AND (g.valid_to IS NULL OR g.valid_to > ?) LEFT JOIN hub h ON h.id = g.hub_id "
    "WHERE s.token_digest = ?"
)


def stamp(moment: datetime) -> str:
    """Write a time as the database holds it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def read_stamp(text: str) -> datetime:
    """Read a time of the database."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, at which hub."""

    worker: Worker
    hub_id: str
    hub_name: str
    division: str
    hub_version: int

    def may(self, verb: str) -> bool:
        """Tell whether they may do something here."""
        return may(self.worker, verb)


class Duties:
    """The secrets of the installation, put to use."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self.database = database
        self.keys = keys
        self._ciphers = {name: AESGCM(key.secret) for name, key in keys.held.fields.items()}
        self._head = bytes((1, len(keys.current))) + keys.current.encode()

    def find_caller(self, token: str, hub_id: str) -> Caller | None:
        """Find the live session of a cookie with its rights at a hub. One statement."""
        now = datetime.now(UTC)
        digest, moment = hashlib.sha256(token.encode()).digest(), stamp(now)
        rows = self.database.all(SESSION, (hub_id, moment, moment, digest))
        if not rows:
            return None
        row = rows[0]
        is_over = row[7] or not row[3] or now - read_stamp(row[4]) > LONGEST
        if is_over or row[6] or now - read_stamp(row[5]) > IDLE or row[8] is None:
            return None
        roles = frozenset(f"{one[9]}:{one[10]}" if one[10] else one[9] for one in rows)
        return Caller(Worker(row[0], row[1], row[2], roles), row[8], row[11], row[12], row[13])

    def token_of(self, form_cookie: str) -> str:
        """Give the form token that goes with a cookie."""
        return hmac.digest(self.keys.cookie, form_cookie.encode(), "sha256").hex()

    def is_own_form(self, form_cookie: str, token: str) -> bool:
        """Tell whether a form came from one of our pages."""
        return bool(form_cookie) and hmac.compare_digest(self.token_of(form_cookie), token)

    def seal(self, place: str, content: Any) -> bytes:
        """Seal a value as JSON."""
        return self.seal_text(place, json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True))

    def seal_text(self, place: str, text: str) -> bytes:
        """Seal a text."""
        return self.seal_bytes(place, text.encode())

    def seal_bytes(self, place: str, content: bytes) -> bytes:
        """Seal bytes."""
        nonce = secrets.token_bytes(12)
        return self._head + nonce + self._ciphers[self.keys.current].encrypt(nonce, content, place.encode())

    def unseal(self, place: str, envelope: bytes) -> bytes:
        """Open a sealed value."""
        end = 2 + envelope[1]
        cipher = self._ciphers[envelope[2:end].decode()]
        return cipher.decrypt(envelope[end : end + 12], envelope[end + 12 :], place.encode())

    def look(self, caller: Caller, page: str, person_id: str = "", people: Sequence[str] = ()) -> None:
        """Write down whom a page was about, or whom its lists named, before it is given out."""
        if person_id or people:
            detail = {"people": list(people)} if people else {}
            action = "page.look" if person_id else "list.look"
            with self.database.writing():
                self.record(caller, action, person_id, f"page:{page}", detail=detail)

    def record(self, caller: Caller, action: str, person_id: str = "", subject: str = "", **about: Any) -> None:
        """Add one link to the caller's audit chain, in the caller's transaction. Three statements."""
        stream, origin = caller.worker.id, {"from": "127.0.0.1"}
        detail: Mapping[str, Any] = about.get("detail", {}) | origin
        head = self.database.one("SELECT seq, mac FROM audit_head WHERE stream = ?", (stream,))
        seq, before = (head[0] + 1, head[1]) if head else (1, START)
        at = datetime.now(UTC).replace(microsecond=0)
        content = [stream, seq, at.isoformat(), stream, caller.hub_id, action, person_id, subject]
        content += [about.get("purpose", ""), detail]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        mac = hmac.digest(self.keys.audit, before + text.encode(), "sha256")
        self.database.change(
            "INSERT INTO audit (stream, seq, at, actor_id, hub_id, action, person_id, subject, purpose, detail, mac) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (stream, seq, stamp(at), stream, *content[4:9], json.dumps(detail, ensure_ascii=False), mac),
        )
        seal = hmac.digest(self.keys.audit, b"head\x1f" + f"{stream}\x1f{seq}\x1f".encode() + mac, "sha256")
        self.database.change(
            "INSERT INTO audit_head (stream, seq, mac, seal) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, seal = excluded.seal",
            (stream, seq, mac, seal),
        )
