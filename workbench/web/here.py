"""What holds during a request, asked for without the detour of a proxy: a page asks hundreds of times."""

from collections.abc import Callable

from flask import Flask, Request, current_app, g, request
from flask.ctx import _AppCtxGlobals as Held

#: All three raise RuntimeError outside a request, as Flask's own do.
held: Callable[[], Held] = g._get_current_object
application: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined]
asked: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
