"""Which methods an address answers to, as far as whoever asks may use them: `Allow` names nothing else."""

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from ..web.permit import PUBLIC, SIGNED_IN, TOKEN, permission_of
from .may import may


def name_allowed(response: Response) -> Response:
    """Leave of the methods of an answer only those the asker may use."""
    if "Allow" not in response.headers:
        return response
    allowed = sorted(method for method in response.allow if method == "OPTIONS" or _may_use(method))
    response.headers["Allow"] = ", ".join(allowed)
    return response


def _may_use(method: str) -> bool:
    try:
        endpoint, named = current_app.create_url_adapter(request).match(method=method)  # type: ignore[union-attr]
    except HTTPException:
        return False
    verb = permission_of(current_app, endpoint)
    if verb in (PUBLIC, TOKEN) or endpoint == "static":
        return True
    if "signed_in" not in g:
        return False
    return verb == SIGNED_IN or may(g.signed_in.worker_at(str(named.get("hub", ""))), verb)
