"""The pages of this room, gathered: importing a module adds its routes to the blueprint."""

from . import cover_views, roster_views, work_views  # noqa: F401 - their routes belong to the blueprint
from .absence_views import blueprint
from .sign_views import blueprint as sign

__all__ = ["blueprint", "blueprints"]
blueprints = [blueprint, sign]
