"""The addresses of this room, gathered: importing a module offers its operations."""

from flask import Flask

from . import callbacks, cases, deliveries, items, openapi, persons, problems
from .operations import blueprint

blueprints = [blueprint, callbacks.blueprint]

__all__ = ["blueprints", "cases", "deliveries", "install", "items", "openapi", "persons"]


def install(app: Flask) -> None:
    """Spare machines the token of forms: they carry no cookie that another site's page could use."""
    for one in blueprints:
        app.extensions["csrf"].exempt(one)
    problems.install(app)
