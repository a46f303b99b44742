"""What a column may be: any single value of the shared dictionary, and what places a person in a household."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ..catalogue.dictionary import Entry, load_dictionary

NUMBER, RELATION, ADDRESS, NO_ID = "household.number", "household.relation", "household.address", "person.no_id_reason"
ID_NO, NAME = "person.id_no", "person.name"
#: Given anew at every table, or about somebody else who sits there.
LEFT_OUT = ("consent", "agent", "guardian", "document", "child", "deceased", "household", "spouse")
TYPES = frozenset(
    {
        "text",
        "code",
        "date",
        "datetime",
        "month",
        "year",
        "number",
        "money",
        "bool",
        "phone",
        "id_no",
        "address",
        "bank",
    }
)
#: What departments call columns beside the dictionary's own words.
USUAL: Mapping[str, tuple[str, ...]] = {
    NAME: ("姓名", "居民姓名", "name", "full name"),
    ID_NO: ("身份证号", "身份证号码", "公民身份号码", "证件号", "证件号码", "居民身份证号", "id number", "id no"),
    "person.phone": ("电话", "手机", "手机号", "手机号码", "联系方式", "联系电话", "phone", "mobile"),
    "person.sex": ("性别", "sex", "gender"),
    "person.birth_date": ("出生日期", "出生年月日", "生日", "date of birth", "birthday"),
    "person.residence_address": ("现住址", "居住地址", "住址", "家庭住址", "current address"),
    "person.hukou_address": ("户籍地址", "户口所在地", "hukou address"),
    NUMBER: ("户号", "家庭编号", "户编号", "household number", "household"),
    RELATION: ("与户主关系", "户主关系", "家庭关系", "relation to the head"),
    ADDRESS: ("户地址", "家庭地址", "household address"),
    NO_ID: ("无证件原因", "没有证件号码的原因", "reason without id number"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a column may be."""

    key: str
    zh: str
    en: str
    words: frozenset[str]
    entry: Entry | None = None


@cache
def targets() -> Mapping[str, Target]:
    """Give everything a column may be, by key, the usual ones first."""
    placed = {
        NUMBER: Target(
            NUMBER, "户号（同户填相同的号）", "Household number (the same for one household)", _words(NUMBER)
        ),
        RELATION: Target(RELATION, "与户主关系", "Relation to the head", _words(RELATION)),
        ADDRESS: Target(ADDRESS, "户地址", "Address of the household", _words(ADDRESS)),
        NO_ID: Target(NO_ID, "没有证件号码的原因", "Why there is no ID number", _words(NO_ID)),
    }
    found: dict[str, Target] = {}
    entries = [entry for entry in load_dictionary().entries.values() if _may_be(entry)]
    usual = list(USUAL)
    for entry in sorted(entries, key=lambda one: usual.index(one.key) if one.key in USUAL else len(usual)):
        found[entry.key] = Target(entry.key, entry.label_zh, entry.label_en, _words(entry.key, entry), entry)
    return found | placed


def guess_columns(names: tuple[str, ...]) -> dict[str, str]:
    """Guess what each column is, by its name: place of the column -> key. Nothing is guessed twice."""
    taken: dict[str, str] = {}
    for is_loose in (False, True):
        for place, name in enumerate(names):
            plain = plain_words(name)
            if not plain or str(place) in taken:
                continue
            free = [one for one in targets().values() if one.key not in taken.values()]
            fits = [one for one in free if _fits(one, plain, is_loose=is_loose)]
            if fits and (len(fits) == 1 or not is_loose):
                taken[str(place)] = fits[0].key
    return taken


def _fits(target: Target, plain: str, *, is_loose: bool) -> bool:
    if not is_loose:
        return plain in target.words
    return any(len(word) >= 3 and (word in plain or plain in word) and len(plain) >= 3 for word in target.words)


def plain_words(text: str) -> str:
    """Strip what does not tell two headings apart: brackets with their content, blanks, signs, case."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)", "", text)).lower()


def _words(key: str, entry: Entry | None = None) -> frozenset[str]:
    words = [*USUAL.get(key, ()), key]
    if entry is not None:
        words += [entry.label_zh, entry.label_en, entry.form, *entry.synonyms]
    return frozenset(plain_words(word) for word in words if word)


def _may_be(entry: Entry) -> bool:
    return entry.type in TYPES and entry.key.partition(".")[0] not in LEFT_OUT and entry.key != NO_ID
