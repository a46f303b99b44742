"""Regions that ask again by themselves: an answer that would look the same is 304 and draws nothing.

The mark travels in the region itself (`ui.live(…, mark=…)`), because browsers may keep no page of ours.
"""

import hashlib
from typing import Any

from flask import Response, request

from .language import current_locale


def mark_of(content: Any) -> str:
    """Make the mark of what a region shows in the language of the request."""
    text = f"{current_locale()}\x1f{content!r}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def is_seen(mark: str) -> bool:
    """Tell whether whoever asks shows this already."""
    return request.if_none_match.contains(mark)


def marked(response: Response, mark: str) -> Response:
    """Put the mark on an answer."""
    response.set_etag(mark)
    return response


def unchanged(mark: str) -> Response:
    """Answer that nothing changed."""
    return marked(Response(status=304), mark)
