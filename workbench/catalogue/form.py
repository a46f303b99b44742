"""The form of an item: its groups' shared fields and its own, each once, ready to be asked.

What a field is stands in the dictionary; an item may ask for it in other words or require it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock

from ..api.manifest import ItemField, ItemManifest
from .codes import Code, load_codes, parse_options
from .dictionary import Dictionary, Entry, Group, load_dictionary


@dataclass(frozen=True)
class FormField:
    """One question. `fact` is "" for what only this item asks."""

    key: str
    fact: str
    label_zh: str
    label_en: str
    type: str
    required: bool
    choices: Mapping[str, Code]
    columns: tuple["FormField", ...] = ()
    when: str = ""
    help_zh: str = ""
    help_en: str = ""
    freshness_days: int = 0
    sensitivity: str = "personal"
    authority: str = ""

    @cached_property
    def _options(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        return {
            locale: tuple((code.code, code.label(locale)) for code in self.choices.values())
            for locale in ("zh_CN", "en")
        }

    def options(self, locale: str) -> tuple[tuple[str, str], ...]:
        """Give the choices with their words in a language."""
        return self._options["en" if locale.startswith("en") else "zh_CN"]

    def label(self, locale: str) -> str:
        """Give the question in a language."""
        return (self.label_en or self.label_zh) if locale.startswith("en") else self.label_zh


@dataclass(frozen=True)
class Section:
    """Fields that are asked together."""

    key: str
    title_zh: str
    title_en: str
    fields: tuple[FormField, ...]
    when: str = ""


@dataclass(frozen=True)
class Form:
    """All sections of an item, in the order of talking with a person."""

    sections: tuple[Section, ...]

    @cached_property
    def fields(self) -> Mapping[str, FormField]:
        return {field.key: field for section in self.sections for field in section.fields}

    @cached_property
    def fact_keys(self) -> tuple[str, ...]:
        return tuple(field.fact for field in self.fields.values() if field.fact)


KEPT = 1000
_lock = Lock()
#: Forms by the identity of their item, which is kept beside them: items never change.
_built: dict[int, tuple[ItemManifest, Form]] = {}


def form_of(item: ItemManifest, dictionary: Dictionary | None = None) -> Form:
    """Give the form of an item; raises KeyError when it points at a group or field nobody declares."""
    if dictionary is not None:
        return _build(item, dictionary)
    known = _built.get(id(item))
    if known is None:
        known = (item, _build(item, load_dictionary()))
        with _lock:
            for oldest in list(_built)[: len(_built) - KEPT + 1]:
                del _built[oldest]
            _built[id(item)] = known
    return known[1]


def _build(item: ItemManifest, dictionary: Dictionary) -> Form:
    sections = [_section(dictionary.groups[name]) for name in item.field_groups]
    own = [_item_field(field, dictionary) for field in item.fields]
    asked = {field.key for field in own}
    sections = [replace(s, fields=tuple(f for f in s.fields if f.key not in asked)) for s in sections]
    if own:
        sections.insert(1, Section("matter", "办理事项", "This matter", tuple(own)))
    return Form(tuple(section for section in sections if section.fields))


def _section(group: Group) -> Section:
    fields = tuple(field_of(entry) for entry in group.field)
    if group.repeated:
        table = FormField(
            key=f"{group.group}_members",
            fact=f"{group.group}.members",
            label_zh=group.label_zh,
            label_en=group.label_en,
            type="table",
            required=True,
            choices={},
            columns=fields,
            sensitivity="sensitive",
        )
        fields = (table,)
    return Section(group.group, group.label_zh, group.label_en, fields, group.when)


def field_of(entry: Entry) -> FormField:
    """Give the question of a shared field."""
    return FormField(
        key=entry.form,
        fact=entry.key,
        label_zh=entry.label_zh,
        label_en=entry.label_en,
        type=entry.type,
        required=entry.required,
        choices=_choices(entry.codes, entry.options),
        columns=tuple(plain_field(column) for column in entry.columns),
        help_zh=entry.help_zh,
        help_en=entry.help_en,
        freshness_days=entry.freshness_days,
        sensitivity=entry.sensitivity,
        authority=entry.authority,
    )


def _item_field(field: ItemField, dictionary: Dictionary) -> FormField:
    if not field.fact:
        return plain_field(field)
    shared = field_of(dictionary.entries[field.fact])
    return replace(
        shared,
        key=field.key,
        label_zh=field.label or shared.label_zh,
        label_en=field.label_en or shared.label_en,
        type=field.type or shared.type,
        required=field.required,
        when=field.when,
        choices=_choices(field.codes, field.options) or shared.choices,
        columns=tuple(plain_field(column) for column in field.columns) or shared.columns,
        help_zh=field.note or shared.help_zh,
        help_en=field.note_en or shared.help_en,
    )


def plain_field(field: ItemField) -> FormField:
    """Give the question of a field that points at no shared fact."""
    return FormField(
        key=field.key,
        fact="",
        label_zh=field.label,
        label_en=field.label_en,
        type=field.type or "text",
        required=field.required,
        choices=_choices(field.codes, field.options),
        columns=tuple(plain_field(column) for column in field.columns),
        when=field.when,
        help_zh=field.note,
        help_en=field.note_en,
    )


def _choices(codes: str, options: Iterable[str]) -> Mapping[str, Code]:
    return load_codes(codes) if codes else parse_options(tuple(options))
