"""Passkeys (WebAuthn): a sign-on the browser proves with a key that never leaves the device, asked for with a touch.

The device checks its owner (user verification), so a passkey stands for both steps at once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlmodel import Session, col, select
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .way_in_models import PasskeyRow

MOST = 10
#: What an answer that is not one can raise.
NOT_AN_ANSWER = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Site:
    """Where this workbench is reached: its origin, and the host name passkeys are bound to."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def asked_to_make(session: Session, site: Site, worker: WorkerRow, challenge: bytes) -> str:
    """Give what the browser is asked for when a passkey is made: JSON of the WebAuthn options."""
    known = [PublicKeyCredentialDescriptor(row.credential_id) for row in passkeys_of(session, worker.id)]
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="圆桌工作台",
        user_id=worker.id.encode(),
        user_name=worker.username,
        user_display_name=worker.name,
        challenge=challenge,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def add_passkey(ctx: Context, site: Site, challenge: bytes, answer: dict[str, Any], name: str) -> PasskeyRow:
    """Keep the public half of a new passkey of the actor. Raises Problem."""
    if len(passkeys_of(ctx.session, ctx.actor.id)) >= MOST:
        zh, en = (
            f"最多可登记 {MOST} 个通行密钥，请先删除不用的。",
            f"At most {MOST} passkeys. Remove one you no longer use.",
        )
        raise Problem("too_many_passkeys", zh, en)
    try:
        proven = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except NOT_AN_ANSWER:
        raise refused() from None
    if ctx.session.exec(select(PasskeyRow.id).where(PasskeyRow.credential_id == proven.credential_id)).first():
        raise Problem("passkey_known", "这个通行密钥已登记过。", "This passkey is known already.")
    row = PasskeyRow(
        id=new_id(),
        worker_id=ctx.actor.id,
        credential_id=proven.credential_id,
        public_key=proven.credential_public_key,
        sign_count=proven.sign_count,
        name=name.strip()[:64] or "passkey",
        created_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def asked_to_show(site: Site, challenge: bytes) -> str:
    """Give what the browser is asked for at sign-on; it offers the passkeys it holds for this site."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def check_passkey(
    session: Session, site: Site, challenge: bytes, answer: dict[str, Any], now: datetime
) -> WorkerRow | None:
    """Find the active worker whose passkey answered the challenge; None for any answer that is not right."""
    try:
        credential_id = base64url_to_bytes(str(answer["id"]))
        row = session.exec(
            select(PasskeyRow).where(PasskeyRow.credential_id == credential_id).with_for_update()
        ).first()
        if row is None:
            return None
        proven = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except NOT_AN_ANSWER:
        return None
    worker = session.get(WorkerRow, row.worker_id)
    if worker is None or not worker.is_active:
        return None
    row.sign_count, row.used_at = proven.new_sign_count, now
    return worker


def passkeys_of(session: Session, worker_id: str) -> list[PasskeyRow]:
    """List a worker's passkeys, newest first."""
    query = select(PasskeyRow).where(PasskeyRow.worker_id == worker_id)
    return list(session.exec(query.order_by(col(PasskeyRow.id).desc())))


def remove_passkey(session: Session, worker_id: str, passkey_id: str) -> bool:
    """Forget a passkey of this worker; tells whether there was one."""
    row = session.get(PasskeyRow, passkey_id)
    if row is None or row.worker_id != worker_id:
        return False
    session.delete(row)
    return True


def forget_passkeys(session: Session, worker_id: str) -> None:
    """Forget all passkeys of a worker, as when a device was lost. Safe twice."""
    for row in passkeys_of(session, worker_id):
        session.delete(row)


def refused() -> Problem:
    """Say that a passkey's answer was not taken."""
    zh = "通行密钥未通过验证。请重试；仍不行请用密码登录，或请站点管理员处理。"
    en = "The passkey was not accepted. Try again; if it stays so, use your password or ask your hub admin."
    return Problem("passkey_refused", zh, en)
