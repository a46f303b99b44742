"""What an OpenID provider vouches for: the way there, and the proof it sends back, checked to the last claim.

NotVouched says why a proof is not taken; its `why` names the page that tells the worker what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import Token

from .discovery import Discovered, ProviderWrong, fetch, keys_of
from .way_in_models import ProviderRow

#: Signatures that prove something: never none, never a secret both sides know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
LEEWAY = 30
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class NotVouched(Exception):
    """The proof is not taken: state, issuer, refused, code, signature, expired, nonce or claims."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes along to the provider and must come back."""

    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouched for."""

    subject: str
    sid: str
    claims: Mapping[str, Any]
    id_token: str


def new_asked() -> Asked:
    """Make what only this sign-on knows."""
    return Asked(generate_token(32), generate_token(64))


def way_there(provider: ProviderRow, found: Discovered, asked: Asked, *, state: str, back: str) -> str:
    """Give the provider's address where the worker signs on: code flow with PKCE and a nonce."""
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": provider.scopes,
        "state": state,
        "nonce": asked.nonce,
        "code_challenge": create_s256_code_challenge(asked.verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(found.authorization_endpoint).query else "?"
    return f"{found.authorization_endpoint}{joint}{urlencode(query)}"


def refuse_foreign(found: Discovered, named: str | None) -> None:
    """Raise NotVouched when the answer comes from another provider than the one asked (RFC 9207)."""
    if named is None and not found.names_itself:
        return
    if named != found.issuer:
        raise NotVouched("issuer")


def redeem(provider: ProviderRow, found: Discovered, asked: Asked, *, code: str, back: str, now: datetime) -> Vouched:
    """Exchange a code for the proof and check it. Raises NotVouched or ProviderTrouble."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier}
    try:
        given = fetch(found.token_endpoint, data=form, auth=_secret_of(provider))
    except ProviderWrong as wrong:
        if str(wrong) == "invalid_grant":
            raise NotVouched("code") from None
        raise
    id_token = given.get("id_token")
    if not isinstance(id_token, str):
        raise NotVouched("claims")
    claims = read_id_token(provider, found, id_token, asked.nonce, now)
    return Vouched(str(claims["sub"]), str(claims.get("sid", "")), _whole(provider, found, claims, given), id_token)


def read_id_token(provider: ProviderRow, found: Discovered, id_token: str, nonce: str, now: datetime) -> dict[str, Any]:
    """Check signature, issuer, audience, time and nonce of an ID token. Raises NotVouched."""
    token = _proven(found, id_token)
    options: Any = {
        "iss": {"essential": True, "value": found.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    params = {"nonce": nonce, "client_id": provider.client_id}
    claims = CodeIDToken(token.claims, token.header, options, params)
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except ExpiredTokenError:
        raise NotVouched("expired") from None
    except (InvalidClaimError, MissingClaimError) as wrong:
        why = {"nonce": "nonce", "iss": "issuer"}.get(str(getattr(wrong, "claim", "")), "claims")
        raise NotVouched(why) from None
    except (JoseError, ValueError, TypeError):
        raise NotVouched("claims") from None
    return dict(claims)


def read_logout_token(provider: ProviderRow, found: Discovered, logout_token: str, now: datetime) -> dict[str, Any]:
    """Check a provider's notice that a session ended (OpenID back-channel logout). Raises NotVouched."""
    token = _proven(found, logout_token)
    claims = dict(token.claims)
    audience = claims.get("aud")
    fits = (
        claims.get("iss") == found.issuer
        and provider.client_id in (audience if isinstance(audience, list) else [audience])
        and isinstance(claims.get("events"), dict)
        and LOGOUT_EVENT in claims["events"]
        and "nonce" not in claims
        and bool(claims.get("jti"))
        and bool(claims.get("sub") or claims.get("sid"))
    )
    moment = now.timestamp()
    issued, expires = claims.get("iat"), claims.get("exp", moment + 1)
    if not fits or not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise NotVouched("claims")
    if abs(moment - issued) > 300 or expires + LEEWAY < moment:
        raise NotVouched("expired")
    return claims


def _proven(found: Discovered, text: str) -> Token:
    """Read a signed token with the provider's keys; they are fetched anew when none fits."""
    for fresh in (False, True):
        try:
            return jwt.decode(text, keys_of(found, fresh=fresh), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    raise NotVouched("signature")


def _whole(provider: ProviderRow, found: Discovered, claims: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Add what the provider tells only on request; it must speak of the same subject."""
    wanted = {provider.username_claim, provider.name_claim, provider.roles_claim} - {""}
    bearer = given.get("access_token")
    if wanted <= claims.keys() or not bearer or not found.userinfo_endpoint:
        return claims
    more = fetch(found.userinfo_endpoint, headers={"Authorization": f"Bearer {bearer}"})
    if more.get("sub") != claims["sub"]:
        raise NotVouched("claims")
    return more | claims


def _secret_of(provider: ProviderRow) -> tuple[str, str]:

    # Form-encoded as RFC 6749, 2.3.1 wants it.
    return quote_plus(provider.client_id), quote_plus(provider.client_secret or "")
