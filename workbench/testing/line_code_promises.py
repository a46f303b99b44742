"""What every line promises about its code: hooks, pages, rights, tables, jobs."""

import inspect
import logging
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import MetaData
from sqlmodel import SQLModel

from ..api.nouns import Finding, HouseholdEvent, Panel, Suggestion
from ..host.call import SECONDS, load_hooks
from ..identity.may import ROLE_VERBS, VERBS
from ..store.migrate import Chain, differences, remove, upgrade
from ..web.pages import environment
from .line_under_test import HUB, ROLES, WORKER, LineUnderTest, case_of, hostile_people, person_named, stranger
from .promises import Promise, insist

#: What a hook gives back, each part of it; None for hooks that are only told something.
GIVES: Mapping[str, Any] = {
    "person_panels": Panel,
    "suggest_items": Suggestion,
    "household_changed": Suggestion,
    "check_case": Finding,
    "work_queue": Mapping,
    "search": Mapping,
}
HOUSEHOLD_EVENT = HouseholdEvent(
    "01JDEVENT00000000000000001", "birth", date(2026, 11, 2), "01JDHOME000000000000000001", None,
    ("01JDPERSON0000000000000001",),
)  # fmt: skip
SUGGESTING = ("suggest_items", "household_changed")
LEVELS = ("stop", "warn", "info")


def load_its_code(test: LineUnderTest) -> None:
    """Everything line.toml names can be imported."""
    manifest = test.manifest
    for reference in (manifest.hooks, manifest.blueprint, manifest.models, manifest.rules):
        if reference:
            test.load(reference)
    for job in manifest.jobs:
        insist(callable(test.load(job.function)), f"line.toml: the job {job.name} names nothing that can be called")


def fit_the_hooks(test: LineUnderTest) -> None:
    """Hooks are known by name and take arguments that exist."""
    if test.manifest.hooks:
        test.load(test.manifest.hooks)
        try:
            load_hooks(test.line)
        except Exception as error:
            insist(False, f"{test.manifest.hooks}: {error}")


def answer_in_time(test: LineUnderTest) -> None:
    """Every hook gives what it promises, within the time a page has, for a known and for an unknown resident."""
    for person in (person_named("测试甲", **{"hukou.local": True}), stranger()):
        for name, arguments in _questions(test, person):
            _judge(name, _ask(test, name, arguments))


def survive_hostile_text(test: LineUnderTest) -> None:
    """No name, address or form makes a hook fail."""
    for person in hostile_people():
        for name, arguments in _questions(test, person, person.name):
            _ask(test, name, arguments)


def forget_twice(test: LineUnderTest) -> None:
    """Forgetting and merging a person may be told twice."""
    for name in ("person_erased", "person_merged", "household_changed", "line_opened", "line_closed"):
        for _ in range(2):
            for found, arguments in _questions(test, stranger()):
                if found == name:
                    _ask(test, name, arguments)


def _questions(test: LineUnderTest, person: Any, text: str = "测试") -> list[tuple[str, dict[str, Any]]]:
    """Pair every hook the line has with everything it may ask for."""
    code = test.catalogue.items[0].code if test.catalogue.items else "XX-001"
    given = {
        "hub": HUB, "worker": WORKER, "person": person, "case": case_of(code, text), "text": text,
        "person_id": person.id, "merged_id": "01JDPERSON0000000000000009", "event": HOUSEHOLD_EVENT,
    }  # fmt: skip
    return [(name, {key: given[key] for key in found.argnames}) for name, found in load_hooks(test.line).items()]


def _ask(test: LineUnderTest, name: str, arguments: dict[str, Any]) -> Any:
    function = load_hooks(test.line)[name].function
    pool = ThreadPoolExecutor(2)
    try:
        with suppress(OutOfTime):  # once, it may have been the machine that was slow
            return pool.submit(function, **arguments).result(SECONDS)
        return pool.submit(function, **arguments).result(SECONDS)
    except OutOfTime:
        insist(False, f"the hook {name} takes longer than {SECONDS:g} seconds")
    except (Exception, SystemExit) as error:
        insist(False, f"the hook {name} fails: {type(error).__name__}: {str(error)[:200]}")
    finally:
        pool.shutdown(wait=False)


def _judge(name: str, value: Any) -> None:
    kind = GIVES.get(name)
    if name == "person_facts":
        insist(
            value is None or isinstance(value, Mapping), f"the hook {name} gives {type(value).__name__}, not a mapping"
        )
    if kind is None or value is None:
        return
    insist(isinstance(value, Sequence) and not isinstance(value, str), f"the hook {name} does not give a sequence")
    for part in value:
        insist(isinstance(part, kind), f"the hook {name} gives {type(part).__name__}, not {kind.__name__}")
        words = [getattr(part, key, None) for key in ("title_zh", "title_en", "text_zh", "text_en", "reason_zh")]
        insist(all(word is None or word.strip() for word in words), f"the hook {name} gives empty words")
        insist(not isinstance(part, Finding) or part.level in LEVELS, f"the hook {name}: no level {part!r}")


def suggest_what_it_offers(test: LineUnderTest) -> None:
    """A line suggests its own items."""
    codes = {item.code for item in test.catalogue.items}
    for person in (person_named("测试甲", **{"hukou.local": True, "disability.level": "1"}), stranger()):
        for name, arguments in _questions(test, person):
            for one in _ask(test, name, arguments) or () if name in SUGGESTING else ():
                insist(one.item_code in codes, f"the hook {name} names {one.item_code}, which is no item of it")


def declare_a_right_for_every_page(test: LineUnderTest) -> None:
    """Every page says which right it asks for, one that exists."""
    if not test.manifest.blueprint:
        return
    test.load(test.manifest.blueprint)
    for path, view in _site_routes(test):
        verb = getattr(view, "permission", "")
        insist(verb in VERBS, f'{path}: the page declares no right that exists ({verb!r}); write @pages.permit("see")')


def _site_routes(test: LineUnderTest) -> list[tuple[str, Any]]:
    try:
        routes: list[tuple[str, Any]] = test.site.routes()
    except Exception as error:
        insist(False, f"its pages cannot be mounted: {type(error).__name__}: {error}")
    found = test.site.installed.lines[0]
    insist(found.state == "ready", found.reason)
    insist(routes or not test.manifest.blueprint, f"{test.manifest.blueprint}: no page could be mounted")
    return routes


def be_gone_where_closed(test: LineUnderTest) -> None:
    """Where the line is closed, none of its pages is there."""
    routes = _site_routes(test)
    test.site.open()
    test.site.shut()
    for path, _ in routes:
        status = test.site.client("worker").get(path).status_code
        insist(status == 404, f"{path} answers {status} at a hub where the line is closed")


def keep_to_its_rights(test: LineUnderTest) -> None:
    """A page opens to the roles that hold its right and to nobody else."""
    routes = _site_routes(test)
    test.site.open()
    for role in ROLES if routes else ():
        client = test.site.client(role)
        for path, view in routes:
            status, verb = client.get(path).status_code, view.permission
            allowed = verb in ROLE_VERBS[role]
            insist(allowed or status == 403, f"{path} answers {status} to a {role}, who does not hold {verb!r}")
            insist(not allowed or status != 403, f"{path} is closed to a {role}, who holds {verb!r}")


def draw_every_page(test: LineUnderTest) -> None:
    """Every page draws, as a page and as a fragment, in both languages, with a resident's name as words only."""
    routes = _site_routes(test)
    test.site.open()
    client = test.site.client("worker")
    for path, _ in routes:
        for locale in ("zh_CN", "en"):
            client.set_cookie("locale", locale)
            with _said() as said:
                page, box = client.get(path), client.get(path, headers={"HX-Request": "true"})
            why = f" ({said[-1]})" if said else ""
            insist(page.status_code < 500 and not said, f"{path} fails with {page.status_code}{why}")
            for answer in (page, box):
                insist("<b>甲</b>" not in answer.get_data(as_text=True), f"{path} lets a resident's name become markup")


@contextmanager
def _said() -> Any:
    """Listen to what the workbench logs about a line that fails."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("workbench.desk.line_pages")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def compile_every_template(test: LineUnderTest) -> None:
    """Every template can be compiled."""
    templates = environment(test.site.app, "en")
    for path in sorted(test.folder.glob("templates/**/*.html")):
        name = f"{test.line.id}/{path.relative_to(test.folder / 'templates')}"
        try:
            templates.get_template(name)
        except Exception as error:
            insist(False, f"templates/{path.name}: {type(error).__name__}: {error}")


def migrate_up_down_up(test: LineUnderTest) -> None:
    """Its tables carry its name, come and go and come again, point into no other's, and are what its models say."""
    chain = _chain(test)
    if chain is None:
        return
    store, before = test.site.store, set(sa.inspect(test.site.store.engine).get_table_names())
    for _ in range(2):
        try:
            upgrade(store, chain)
            made = set(sa.inspect(store.engine).get_table_names()) - before
            _judge_tables(test, made)
            found = differences(store, chain) if test.manifest.models else []
            insist(not found, f"models and migrations differ: {found[:1]}")
            remove(store, chain)
        except sa.exc.SQLAlchemyError as error:
            insist(False, f"its migrations fail: {type(error).__name__}: {str(error.__cause__ or error)[:200]}")
        left = set(sa.inspect(store.engine).get_table_names()) - before
        insist(not left, f"its migrations leave {', '.join(sorted(left))} behind on the way down")


def _chain(test: LineUnderTest) -> Chain | None:
    manifest = test.manifest
    if not manifest.migrations:
        insist(not manifest.models, "line.toml names models and no migrations")
        return None
    if manifest.models:
        test.load(manifest.models)
    return Chain(test.line.id, test.folder / manifest.migrations, SQLModel.metadata if manifest.models else MetaData())


def _judge_tables(test: LineUnderTest, made: set[str]) -> None:
    own = f"line_{test.line.id}_"
    inspector = sa.inspect(test.site.store.engine)
    for table in sorted(made - {f"alembic_version_{test.line.id}"}):
        insist(table.startswith(own), f"the table {table} does not begin with {own}")
        for key in inspector.get_foreign_keys(table):
            points = key["referred_table"]
            insist(points.startswith(own), f"the table {table} points into {points}, which is not its own")


def name_no_resident_in_its_addresses(test: LineUnderTest) -> None:
    """No address of a page asks for a name, a telephone or an ID number."""
    for path, view in _site_routes(test):
        words = set(inspect.signature(inspect.unwrap(view)).parameters) & {"name", "id_no", "phone", "id_card"}
        insist(not words, f"{path}: {', '.join(sorted(words))} stands in an address, which is logged")


def point_its_panels_at_pages(test: LineUnderTest) -> None:
    """Every panel a line shows has its page."""
    paths = {path for path, _ in _site_routes(test)}
    for name, arguments in _questions(test, person_named("测试甲")):
        for panel in _ask(test, name, arguments) or () if name == "person_panels" else ():
            wanted = f"/h/{HUB.id}/{test.line.id}/{panel.path}/{test.site.person_id}"
            insist(
                wanted in paths,
                f"the panel {panel.title_en!r} has no page {re.sub(test.site.person_id, '<person_id>', wanted)}",
            )


def point_its_menu_at_pages(test: LineUnderTest) -> None:
    """Every entry of its menu leads to a page, which opens to whoever sees the entry."""
    verbs = {path.rstrip("/"): view.permission for path, view in _site_routes(test)}
    for entry in test.manifest.menu:
        wanted = f"/h/{HUB.id}/{test.line.id}/{entry.path.lstrip('/')}".rstrip("/")
        insist(wanted in verbs, f"line.toml: the menu entry {entry.title_en!r} leads to {wanted}, which is no page")
        shut_out = [
            role for role in ROLES if entry.permission in ROLE_VERBS[role] and verbs[wanted] not in ROLE_VERBS[role]
        ]
        insist(not shut_out, f"line.toml: {entry.title_en!r} is shown to {', '.join(shut_out)}, who may not open it")


CODE_PROMISES: Mapping[str, Promise] = {
    "code-loads": load_its_code,
    "hooks-fit": fit_the_hooks,
    "hooks-answer-in-time": answer_in_time,
    "hooks-survive-hostile-text": survive_hostile_text,
    "hooks-twice": forget_twice,
    "suggestions-own": suggest_what_it_offers,
    "pages-declare-rights": declare_a_right_for_every_page,
    "pages-gone-where-closed": be_gone_where_closed,
    "pages-keep-rights": keep_to_its_rights,
    "pages-drawn": draw_every_page,
    "addresses-nameless": name_no_resident_in_its_addresses,
    "panels-have-pages": point_its_panels_at_pages,
    "menu-has-pages": point_its_menu_at_pages,
    "templates-compile": compile_every_template,
    "migrations-up-down-up": migrate_up_down_up,
}
