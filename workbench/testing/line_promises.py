"""What every line promises about its files: manifest, items, rules, words."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from babel.messages.extract import extract_from_dir

from ..api.manifest import ItemManifest
from ..cases.steps import accepting_position
from ..catalogue.form import form_of
from ..checks import check_folder
from ..rules.evaluate import evaluate
from ..rules.explain import explain
from ..rules.parse import parse
from ..web.language import catalogue
from .line_under_test import LineUnderTest
from .promises import Promise, insist

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


def be_readable(test: LineUnderTest) -> None:
    """line.toml can be read, and the line was written for this surface."""
    insist(test.line.state == "ready", f"line.toml: {test.line.reason}")


def be_named_as_its_folder_says(test: LineUnderTest) -> None:
    """The id is the one its tables, pages and templates are named by."""
    text = f"line.toml says id = {test.manifest.id!r}; its folder is {test.folder.name!r}"
    insist(test.manifest.id == test.folder.name, text)


def pass_the_check(test: LineUnderTest) -> None:
    """`workbench check` finds nothing."""
    found = check_folder(test.folder).findings
    insist(not found, "\n".join(f"{one.file}:{one.line}: {one.rule}: {one.text} ({one.hint})" for one in found))


def load_every_item(test: LineUnderTest) -> None:
    """Every file of items/ becomes an item."""
    faults = [f"{fault.file}: {fault.place}: {fault.what}" for fault in test.catalogue.faults]
    insist(not faults, "\n".join(faults))
    files = list((test.folder / "items").glob("*.toml"))
    insist(files, "items/ holds no item; a line without one offers nothing")
    insist(len(test.catalogue.items) == len(files), "two item files claim the same item")


def draw_every_form(test: LineUnderTest) -> None:
    """Every item has a form, and every question has words in both languages."""
    for item in test.catalogue.items:
        form = form_of(item.manifest)
        insist(form.sections, f"{item.code}: its form asks nothing")
        for field in form.fields.values():
            insist(field.label_zh and field.label_en, f"{item.code}: the field {field.key!r} lacks a label")


def be_complete(test: LineUnderTest) -> None:
    """Every item says who applies, what comes out, by which steps, and the worker accepts one of them."""
    for item in (one.manifest for one in test.catalogue.items):
        for key in ("purpose", "applicant_conditions", "applicant_conditions_en", "result", "result_en"):
            insist(getattr(item, key), f"{item.code}: {key} is empty")
        insist(any(step.by == "worker" for step in item.steps), f"{item.code}: no step is the worker's")
        insist(item.steps[accepting_position(item)].by == "worker", f"{item.code}: the step that accepts is not hers")
        insist(item.confidence == "typical" or item.sources or item.source_url, f"{item.code}: sourced, and no source")


def read_every_rule(test: LineUnderTest) -> None:
    """Every rule can be read, is open while nothing is known, and is explained in both languages."""
    for item in (one.manifest for one in test.catalogue.items):
        for text in (*item.rules, *item.exclusions):
            try:
                rule = parse(text)
                verdict = evaluate(rule, {})
            except Exception as error:
                insist(False, f"{item.code}: the rule {text!r} cannot be read: {error}")
            insist(verdict is None, f"{item.code}: the rule {text!r} decides about a person of whom nothing is known")
            for clause in explain(rule, {}):
                insist(clause.text_zh and clause.text_en, f"{item.code}: the rule {text!r} is not explained")


def hold_permissions_that_exist(test: LineUnderTest) -> None:
    """Somebody may see the line, and somebody may accept."""
    held = test.manifest.permissions
    for permission in ("see", "accept"):
        insist(held.get(permission), f"line.toml: nobody holds the permission {permission!r}")


def have_an_owner(test: LineUnderTest) -> None:
    """Somebody answers when the line is sick."""
    insist(test.manifest.owner.name.strip(), "line.toml: [owner] has no name")


def speak_chinese(test: LineUnderTest) -> None:
    """Every text marked in code and templates has its Chinese."""
    known = {
        key[0] if isinstance(key, tuple) else key
        for folder in (test.folder / "translations", None)
        for key in (catalogue("zh_CN", folder) if folder else catalogue("zh_CN"))._catalog
    }
    options = {"**/templates/**.html": {"silent": "false"}}
    for file, line, message, _, _ in extract_from_dir(test.folder, METHODS, options, KEYWORDS):
        text = message[0] if isinstance(message, tuple) else message
        insist(not text or text in known, f"{file}:{line}: {text!r} has no Chinese in translations/zh_CN/")


def keep_templates_safe(test: LineUnderTest) -> None:
    """Templates hold no script, no style and nothing that turns a resident's words into markup."""
    for path in sorted(test.folder.glob("templates/**/*.html")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for pattern, name in UNSAFE.items():
                insist(not re.search(pattern, line, re.IGNORECASE), f"{path.name}:{number}: {name}")


def see_only_the_public_surface(test: LineUnderTest) -> None:
    """Its modules import workbench.api and nothing else of the workbench, and no database session of it."""
    for path in _modules(test.folder):
        for number, name in _imports(path):
            inside = name.split(".")
            if inside[0] == "workbench" and inside[1:2] != ["api"] and inside != ["workbench", "api"]:
                insist(False, f"{path.name}:{number}: imports {name}; lines see workbench.api only")


def _modules(folder: Path) -> list[Path]:
    return [
        path for path in sorted(folder.rglob("*.py")) if "tests" not in path.parts and "migrations" not in path.parts
    ]


def _imports(path: Path) -> list[tuple[int, str]]:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except SyntaxError as error:
        insist(False, f"{path.name}:{error.lineno}: {error.msg}")
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from workbench import api` names its part in the alias.
            names = [
                f"{node.module}.{alias.name}" if node.module == "workbench" else node.module for alias in node.names
            ]
            found += [(node.lineno, name) for name in names]
    return found


def keep_items_apart(test: LineUnderTest) -> None:
    """No two items in force have the same code and division."""
    seen: dict[tuple[str, str, str], ItemManifest] = {}
    for item in (one.manifest for one in test.catalogue.items):
        key = (item.code, item.division, item.version)
        insist(key not in seen, f"{item.code}: two files hold version {item.version} for {item.division}")
        seen[key] = item


FILE_PROMISES: Mapping[str, Promise] = {
    "readable": be_readable,
    "named-as-its-folder": be_named_as_its_folder_says,
    "checked": pass_the_check,
    "items-load": load_every_item,
    "items-apart": keep_items_apart,
    "forms-drawn": draw_every_form,
    "items-complete": be_complete,
    "rules-explained": read_every_rule,
    "permissions-held": hold_permissions_that_exist,
    "owner-named": have_an_owner,
    "chinese": speak_chinese,
    "templates-safe": keep_templates_safe,
    "public-surface": see_only_the_public_surface,
}
