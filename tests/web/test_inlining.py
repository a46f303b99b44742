"""Macros put into their pages draw what they would draw when called, and meet none of the page's names."""

from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader, TemplateAssertionError
from jinja2.environment import Environment

from workbench.app import create_app
from workbench.settings import Settings
from workbench.web.environment import PageEnvironment
from workbench.web.folding import Fold
from workbench.web.language import LOCALES
from workbench.web.pages import environment

UI = """
{%- macro icon(name) %}<i>{{ name }}</i>{% endmacro %}
{%- macro tag(word, tone="grey") %}{% set title = word ~ "!" -%}
<b class="{{ tone }}">{{ icon("dot") }}{{ title }}</b>{% endmacro %}
{%- macro box(title, hint="") %}<div>{{ title }}{% if hint %} ({{ hint }}){% endif %}{{ caller() }}</div>{% endmacro %}
{%- macro rows(items) %}{% for item in items %}[{{ caller(item, loop.index) }}]{% endfor %}{% endmacro %}
{%- macro may(text="") %}{% if caller is defined %}{{ caller() }}{% else %}none{% endif %}{{ text }}{% endmacro %}
{%- macro loops(text) %}{% for number in (1, 2) %}{{ text }}{{ loop.index }};{% endfor %}{% endmacro %}
"""
PAGES = {
    "names": '{% set title = "mine" %}{{ ui.tag("a") }}{{ title }}{{ ui.tag(title, tone="red") }}{{ title }}',
    "boxes": (
        '{% for one in given %}{% call ui.box("n" ~ loop.index, hint=one) %}{{ ui.tag(one) }}{% endcall %}{% endfor %}'
    ),
    "rows": "{% call(title, number) ui.rows(given) %}{{ number }}{{ title }}{% endcall %}",
    "choice": (
        "{{ ui.icon(given[0]) if given else ui.icon('nothing') }}{{ ui.may('x') }}{% call ui.may() %}y{% endcall %}"
    ),
    "loop": "{% for one in given %}{{ ui.loops('t' ~ loop.index) }}{% endfor %}",
    "escaped": '{{ ui.tag("<" ~ given[0] ~ ">") }}{{ ui.icon("<&>") }}',
    "written": (
        '{% for column in ({"key": "a", "kind": "main"}, {"key": "b"}) %}'
        '{% if column.kind|default("") == "main" %}M{% endif %}{{ column.key }}{% endfor %}'
    ),
    "joined": (
        "{{ 'a<' ~ 1 ~ 'b' }}{{ given[0] ~ ui.icon('b') ~ '<' }}{{ '<' ~ none ~ 2.5 }}{{ nowhere|default('d') ~ 'e' }}"
    ),
    "defaults": (
        "{% set row = {'a': ''} %}{{ row.a|default('x') }}{{ row.b|default('<') }}{{ row.b|default(given[0]) }}"
        "{{ row.a|default('y', true) }}{{ given.nothing|default(3) }}{{ row.values|default(5) == 5 }}"
    ),
    "replaced": "{{ 'a.b<'|replace('.', '-') }}{{ ui.icon('a.b')|replace('<', '>') }}{{ 'aaa'|replace('a', 'b', 2) }}",
    "called": "{{ twice('<', count=2) }}{{ twice(*given[:1]) }}{{ twice(**{'text': 'z'}) }}",
    "looked up": (
        "{% set words = {'a': ('A', 'x'), 1: '<'} %}{{ words.get('a')[0] }}{{ words.get('b', ('<', ))[0] }}"
        "{{ words.get(1) }}{{ words.get('c') }}"
    ),
    "kept": "{{ ui.icon(given[0]) ~ ui.icon('b') }}",
}


def twice(text: str, count: int = 2) -> str:
    return text * count


def environments() -> tuple[Environment, PageEnvironment]:
    """The same templates as Jinja draws them, and with macros in their places."""
    sources = {"ui.html": UI} | {name: '{% import "ui.html" as ui %}' + text for name, text in PAGES.items()}
    plain = Environment(loader=DictLoader(sources), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    ours = PageEnvironment(Flask(__name__), loader=DictLoader(sources), autoescape=True)
    for one in (plain, ours):
        one.globals["twice"] = twice
    ours.decide(Fold("en", False, str, str), "", frozenset())
    return plain, ours


@pytest.mark.parametrize("name", PAGES)
def test_page_is_drawn_as_if_macros_were_called(name: str) -> None:
    plain, ours = environments()
    for given in (["x", "y<z"], ["only"]):
        assert ours.get_template(name).render(given=given) == plain.get_template(name).render(given=given)


def test_constant_macros_leave_only_text() -> None:
    _plain, ours = environments()
    code = ours.compile('{% import "ui.html" as ui %}{{ ui.icon("dot") }} and {{ ui.icon("dash") }}', "page", raw=True)
    assert "'<i>dot</i> and <i>dash</i>'" in code
    assert "get_template" not in code


def test_macro_inside_an_expression_of_a_macro_is_refused() -> None:
    sources = {
        "ui.html": '{% macro a() %}a{% endmacro %}{% macro b() %}{{ a() ~ "b" }}{% endmacro %}',
        "page": '{% import "ui.html" as ui %}{{ ui.b() }}',
    }
    ours = PageEnvironment(Flask(__name__), loader=DictLoader(sources))
    ours.decide(Fold("en", False, str, str), "", frozenset())
    with pytest.raises(TemplateAssertionError, match="by itself"):
        ours.get_template("page")


def test_argument_that_is_missing_is_named() -> None:
    _plain, ours = environments()
    with pytest.raises(TemplateAssertionError, match="tag\\(\\) needs word"):
        ours.from_string('{% import "ui.html" as ui %}{{ ui.tag() }}')


@pytest.fixture
def app(settings: Settings) -> Any:
    made = create_app(settings)
    yield made
    made.extensions["workbench"].store.close()


@pytest.mark.only_sqlite  # asks no database
def test_every_template_can_be_compiled_in_every_language(app: Flask) -> None:
    for locale in LOCALES:
        pages = environment(app, locale)
        for name in pages.list_templates(extensions=["html"]):
            pages.get_template(name)


def test_words_of_a_language_are_decided_when_compiled(app: Flask) -> None:
    source = '{{ _("Search") }}{{ bilingual(zh, en) }}{{ static_url("mark.svg") }}'
    with app.test_request_context("/"):
        english = environment(app, "en", "/desk").from_string(source).render(zh="中", en="")
        chinese = environment(app, "zh_CN").from_string(source).render(zh="中", en="e")
    assert english.startswith("Search中/desk/static/mark.svg?v=")
    assert chinese.startswith("查找中/static/mark.svg?v=")
