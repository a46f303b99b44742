"""Names of departments in the language of the page, as the installed lines give them; nothing is translated here."""

from collections.abc import Mapping

from flask import current_app

from .language import current_locale
from .services import services

KEPT = "workbench.departments"


def department(name: str | None) -> str:
    """Name a department in English on an English page where a line says how, else as it stands."""
    if not name or current_locale() != "en":
        return name or ""
    known: Mapping[str, str] | None = current_app.extensions.get(KEPT)
    if known is None:
        lines = (line.manifest for line in services().installed.lines if line.manifest)
        known = current_app.extensions[KEPT] = {one.department: one.department_en for one in lines if one.department_en}
    return known.get(name, name)
