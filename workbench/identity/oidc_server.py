"""The OpenID provider, made of Authlib's parts: code flow with PKCE for every client, revocation, introspection.

Authlib asks for PKCE of public clients only; here every request without an S256 challenge is refused.
The context of the request rides on `g.way_out`, in whose transaction everything is read and written.
"""

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, InvalidRequestError, OAuth2Request, TokenMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core.grants import OpenIDCode
from flask import g, request

from ..store.context import Context
from .clients import find_client, is_secret, subject_of
from .frame import site
from .issued import TOKEN_LIFE, counts, keep_access, keep_code, take_code
from .models import digest_of
from .signing_keys import ALGORITHM, signing_key
from .told import AMR, Guest, claims_about
from .way_out_models import AccessRow, ClientRow, CodeRow

SCOPES = ("openid", "launch")
METHODS = ["client_secret_basic", "client_secret_post"]


def _ctx() -> Context:
    found: Context = g.way_out
    return found


class Client(ClientMixin):  # type: ignore[misc]
    """A registered screen, as Authlib asks about it."""

    id_token_signed_response_alg = ALGORITHM

    def __init__(self, row: ClientRow) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.id

    def get_default_redirect_uri(self) -> str:
        return ""  # it must always be said

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(word for word in (scope or "").split() if word in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.row.redirect_uris.split()

    def check_client_secret(self, client_secret: str) -> bool:
        return is_secret(self.row, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in METHODS

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorization code, as Authlib asks about it."""

    def __init__(self, row: CodeRow) -> None:
        self.row = row
        self.code_challenge, self.code_challenge_method = row.challenge, "S256"

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.row.scope

    def get_nonce(self) -> str:
        return self.row.nonce

    def get_auth_time(self) -> int:
        return self.row.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> list[str]:
        return AMR.get(self.row.amr, ["fed"] if self.row.amr == "provider" else ["pwd"])


class Token(TokenMixin):  # type: ignore[misc]
    """An access token, as Authlib asks about it."""

    def __init__(self, row: AccessRow) -> None:
        self.row = row

    def check_client(self, client: Client) -> bool:
        return client.row.id == self.row.client_id

    def is_expired(self) -> bool:
        return not counts(_ctx().session, self.row, _ctx().clock.now())

    def is_revoked(self) -> bool:
        return self.row.ended_at is not None


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """One code, one minute, one use."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, asked: OAuth2Request) -> None:
        said = asked.payload.data
        keep_code(
            _ctx(),
            code,
            asked.client.row,
            asked.user,
            redirect_uri=asked.payload.redirect_uri,
            scope=asked.client.get_allowed_scope(asked.payload.scope),
            nonce=said["nonce"],
            challenge=said["code_challenge"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        row = take_code(_ctx(), code, client.row.id)
        return Code(row) if row else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It was used up when it was read; its row stays, to know it again."""

    def authenticate_user(self, authorization_code: Code) -> Guest:
        row = authorization_code.row
        return Guest(row.worker_id, row.hub_id, row.sid, row.auth_time, row.amr, row.launch_id)


class Pkce(CodeChallenge):  # type: ignore[misc]
    """PKCE with S256, of every client."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - read by Authlib as it is

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        said = grant.request.payload.data
        if not said.get("code_challenge") or said.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with code_challenge_method=S256 is required")
        super().validate_code_challenge(grant, redirect_uri)


class IdTokens(OpenIDCode):  # type: ignore[misc]
    """Who is in front of the screen, signed."""

    def exists_nonce(self, nonce: str, asked: OAuth2Request) -> bool:
        return False  # what belongs to which sign-on is the screen's own to know

    def resolve_client_private_key(self, client: Client) -> Any:
        if "signing_key" not in g:
            g.signing_key = signing_key(_ctx())
        return g.signing_key

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALGORITHM, "kid": self.resolve_client_private_key(client).kid, "typ": "JWT"}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(_ctx().clock.now().timestamp())
        life = int(TOKEN_LIFE.total_seconds())
        return {"iss": site().origin, "aud": client.row.id, "iat": now, "exp": now + life}

    def generate_user_info(self, user: Guest, scope: str) -> dict[str, Any]:
        code: Code = g.code
        client = _ctx().session.get_one(ClientRow, code.row.client_id)
        return claims_about(_ctx(), client, code.row) | {"sid": user.sid}


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """A screen gives its token back."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _token(token_string)

    def revoke_token(self, token: Token, asked: OAuth2Request) -> None:
        token.row.ended_at = token.row.ended_at or _ctx().clock.now()


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """A screen asks whether its token still counts."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _token(token_string)

    def check_permission(self, token: Token, client: Client, asked: OAuth2Request) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        row = token.row
        client = _ctx().session.get_one(ClientRow, row.client_id)
        return {
            "active": True,
            "client_id": row.client_id,
            "token_type": "Bearer",
            "scope": row.scope,
            "sub": subject_of(_ctx().keys, client, row.worker_id),
            "aud": row.client_id,
            "iss": site().origin,
            "iat": int(row.issued_at.timestamp()),
            "exp": int(row.expires_at.timestamp()),
        }


class PlatformRequest(FlaskOAuth2Request):  # type: ignore[misc]
    """The request as the outside sees it: behind a proxy it arrives here without TLS."""

    def __init__(self) -> None:
        OAuth2Request.__init__(self, request.method, site().origin + request.full_path, headers=request.headers)
        self._request = request
        self.payload = FlaskOAuth2Payload(request)


class Server(AuthorizationServer):  # type: ignore[misc]
    """Everything put together."""

    def create_oauth2_request(self, asked: Any) -> PlatformRequest:
        return asked if isinstance(asked, PlatformRequest) else PlatformRequest()


def _token(text: str) -> Token | None:
    row = _ctx().session.get(AccessRow, digest_of(text))
    return Token(row) if row else None


def _client(client_id: str) -> Client | None:
    row = find_client(_ctx().session, client_id)
    return Client(row) if row else None


def _save(token: dict[str, Any], asked: OAuth2Request) -> None:
    g.code = asked.authorization_code
    keep_access(_ctx(), token["access_token"], asked.authorization_code.row, site().origin)


server = Server(query_client=_client, save_token=_save)
server.load_config({"OAUTH2_TOKEN_EXPIRES_IN": {"authorization_code": int(TOKEN_LIFE.total_seconds())}})
server.register_grant(CodeGrant, [Pkce(required=True), IdTokens(require_nonce=True)])
server.register_endpoint(Revocation)
server.register_endpoint(Introspection)
