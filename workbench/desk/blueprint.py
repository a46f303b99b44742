"""The blueprint of this room; its views lie in several modules."""

from flask import Blueprint

blueprint = Blueprint("home", __name__)
