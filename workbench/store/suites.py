"""The two suites a key can belong to: international (AES-256-GCM, HMAC-SHA256) and national (SM4-GCM, HMAC-SM3).

SM4 is GB/T 32907, SM3 is GB/T 32905. A key carries its suite, so values of both stand side by side.
"""

import hashlib
import hmac as plain_hmac
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

Suite = Literal["aes", "sm"]
SUITES: tuple[Suite, ...] = get_args(Suite)
TAG, INDEX_SIZE = 16, 16


@dataclass(frozen=True)
class Key:
    """One secret with its suite."""

    suite: Suite
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.suite})"

    @property
    def kind(self) -> int:
        """Give the first byte of what it seals."""
        return 1 + SUITES.index(self.suite)

    @cached_property
    def _aes(self) -> AESGCM:
        return AESGCM(self.secret)

    def seal(self, nonce: bytes, text: bytes, place: bytes) -> bytes:
        """Encrypt and authenticate; the tag stands at the end."""
        if self.suite == "aes":
            return self._aes.encrypt(nonce, text, place)
        sealer = Cipher(algorithms.SM4(self.secret[:16]), modes.GCM(nonce)).encryptor()
        sealer.authenticate_additional_data(place)
        return sealer.update(text) + sealer.finalize() + sealer.tag

    def unseal(self, nonce: bytes, body: bytes, place: bytes) -> bytes:
        """Open what `seal` gave; raises cryptography's InvalidTag."""
        if self.suite == "aes":
            return self._aes.decrypt(nonce, body, place)
        opener = Cipher(algorithms.SM4(self.secret[:16]), modes.GCM(nonce, body[-TAG:])).decryptor()
        opener.authenticate_additional_data(place)
        return opener.update(body[:-TAG]) + opener.finalize()

    def mark(self, text: bytes) -> bytes:
        """Give 16 bytes by which equal texts are known again."""
        if self.suite == "aes":
            return plain_hmac.digest(self.secret, text, hashlib.sha256)[:INDEX_SIZE]
        made = HMAC(self.secret, SM3())
        made.update(text)
        return made.finalize()[:INDEX_SIZE]
