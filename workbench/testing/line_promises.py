"""What every line promises about its files: manifest, items, rules, words."""

from collections.abc import Mapping
from functools import partial

from ..api.manifest import ItemManifest
from ..cases.steps import accepting_position
from ..catalogue.form import form_of
from ..checks import check_folder, code
from ..checks.rules import FolderRule
from ..rules.evaluate import evaluate
from ..rules.explain import explain
from ..rules.parse import parse
from .line_under_test import LineUnderTest
from .promises import Promise, insist


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
        insist(item.purpose, f"{item.code}: purpose is empty")
        # Of an item known only by its name nothing more is claimed.
        deep = ("applicant_conditions", "applicant_conditions_en", "result", "result_en")
        for key in deep if item.depth == "deep" else ():
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


def _keep(rule: FolderRule, test: LineUnderTest) -> None:
    found = [
        f"{path.name}:{fault.line}: {fault.text} ({fault.hint})" for path, fault in rule(test.manifest, test.folder)
    ]
    insist(not found, "\n".join(found))


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
    "chinese": partial(_keep, code.speak_chinese),
    "templates-safe": partial(_keep, code.keep_templates_safe),
    "public-surface": partial(_keep, code.see_only_the_public_surface),
}
