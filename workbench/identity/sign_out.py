"""Signing out at the provider as well: where the browser goes so that nobody is signed on there either."""

from urllib.parse import urlencode, urlsplit

from sqlmodel import select

from ..store.context import Context
from . import sessions
from .discovery import ProviderTrouble, discover
from .models import SignInRow
from .way_in_models import ProviderRow


def way_out_of(ctx: Context, found: sessions.SignedIn, back: str) -> str:
    """Give the provider's sign-out address for a session it vouched for; "" when there is none or it is down."""
    if found.way != "provider":
        return ""
    row = ctx.session.exec(select(SignInRow).where(SignInRow.token_digest == found.digest)).one()
    provider = ctx.session.get(ProviderRow, row.provider_id)
    if provider is None:
        return ""
    try:
        endpoint = discover(provider.issuer).end_session_endpoint
    except ProviderTrouble:
        return ""
    if not endpoint:
        return ""
    query = {"client_id": provider.client_id, "post_logout_redirect_uri": back}
    if row.id_token:
        query["id_token_hint"] = row.id_token
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"
