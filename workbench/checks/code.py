"""Rules about the code, templates and words of a line, without running any of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from jinja2 import Environment, TemplateSyntaxError

from ..api.manifest import LineManifest
from ..web.language import catalogue
from .finding import Fault

Found = Iterator[tuple[Path, Fault]]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
#: What a page may not hold: the content policy refuses it, or it lets a resident's words become markup.
UNSAFE = {
    r"<script\b": "a script inside a template",
    r"\sstyle\s*=": "a style attribute",
    r"\son\w+\s*=": "an event attribute",
    r"\|\s*safe\b": "the filter safe",
    r"autoescape\s+false": "escaping turned off",
}


def be_python(line: LineManifest, folder: Path) -> Found:
    """Every module of the line can be read by Python."""
    for path in _modules(folder):
        try:
            ast.parse(path.read_text("utf-8"))
        except SyntaxError as error:
            yield path, Fault((), f"{error.msg}", "the line is broken until this is put right", line=error.lineno or 0)


def see_only_the_public_surface(line: LineManifest, folder: Path) -> Found:
    """Modules of a line import `workbench.api` and nothing else of the workbench."""
    for path in _modules(folder):
        for number, name in _imports(path):
            parts = name.split(".")
            if parts[0] == "workbench" and parts[1:2] != ["api"]:
                yield path, Fault((), f"imports {name}", "lines see workbench.api only; ask for a hook", line=number)


def keep_templates_readable(line: LineManifest, folder: Path) -> Found:
    """Every template can be read by Jinja."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    for path in sorted(folder.glob("templates/**/*.html")):
        try:
            environment.parse(path.read_text("utf-8"))
        except TemplateSyntaxError as error:
            yield path, Fault((), str(error.message), "the page cannot be drawn until this is right", line=error.lineno)


def keep_templates_safe(line: LineManifest, folder: Path) -> Found:
    """Templates hold no script, no style and nothing that turns a resident's words into markup."""
    for path in sorted(folder.glob("templates/**/*.html")):
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            for pattern, name in UNSAFE.items():
                if re.search(pattern, text, re.IGNORECASE):
                    yield (
                        path,
                        Fault((), name, "use the ui macros and classes; the content policy refuses it", line=number),
                    )


def speak_chinese(line: LineManifest, folder: Path) -> Found:
    """Every text marked in code and templates has its Chinese, in the line or in the core."""
    catalogue.cache_clear()  # an author corrects and asks again in one process
    known = {
        key[0] if isinstance(key, tuple) else key
        for words in (catalogue("zh_CN", folder / "translations"), catalogue("zh_CN"))
        for key in words._catalog
    }
    try:
        marked = list(extract_from_dir(folder, METHODS, {"**/templates/**.html": {"silent": "true"}}, KEYWORDS))
    except SyntaxError:
        return  # the rule about Python says so
    for file, number, message, _, _ in marked:
        text = message[0] if isinstance(message, tuple) else message
        if text and text not in known:
            hint = f"write it into translations/zh_CN/{line.id}.po"
            yield folder / file, Fault((), f"{text!r} has no Chinese", hint, line=number)


def _modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if not {"tests", "migrations"} & set(path.parts)]


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except SyntaxError:
        return  # the rule about Python says so
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from workbench import api` names its part in the alias.
            whole = node.module == "workbench"
            yield from ((node.lineno, f"workbench.{a.name}" if whole else node.module) for a in node.names)
