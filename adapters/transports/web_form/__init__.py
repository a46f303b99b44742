"""A department's web pages, filled in as a browser would: sign on, form, confirmation, query, list.

`make_adapter` builds the adapter of one platform. What the pages look like stands in the
platform's `layout.toml`; its codec module offers LAYOUT and the three functions of a codec.
"""

from .adapter import WebFormAdapter, make_adapter

__all__ = ["WebFormAdapter", "make_adapter"]
