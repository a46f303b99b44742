"""The keys a name is found by: its suffixes, its pinyin, its initials.

The first character gets all its readings, because surnames are read unusually (单 shàn, 仇 qiú);
other characters their common one, and the one they have in a word (重庆 chóngqìng).
A character nobody knows how to read stays itself in the keys.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

LONGEST = 64
DOTS = "·•・‧∙⋅．."  # a middle dot has many faces
LEFT_OUT = DOTS + "'’-"
#: Surname readings that are missing from the dictionary or must come first.
SURNAMES = {
    "万俟": "moqi", "尉迟": "yuchi", "单于": "chanyu", "长孙": "zhangsun", "澹台": "tantai",
    "令狐": "linghu", "皇甫": "huangfu", "夏侯": "xiahou", "鲜于": "xianyu", "宰父": "zaifu",
    "濮阳": "puyang", "淳于": "chunyu", "宗政": "zongzheng", "呼延": "huyan", "亓官": "qiguan",
    "乐正": "yuezheng", "谷梁": "guliang", "拓跋": "tuoba", "公冶": "gongye", "第五": "diwu",
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "尉": "wei",
    "盖": "ge", "朴": "piao", "任": "ren", "华": "hua", "乐": "yue", "员": "yun", "折": "she",
    "黑": "he", "逄": "pang", "缪": "miao", "种": "chong", "繁": "po", "洗": "xian", "冼": "xian",
    "召": "shao", "覃": "qin", "隗": "wei", "薄": "bo", "卜": "bu", "宓": "fu", "祭": "zhai",
    "俞": "yu", "那": "na", "能": "nai", "瞿": "qu", "眭": "sui", "郇": "xun", "阚": "kan",
    "褚": "chu", "宁": "ning", "不": "fou", "哈": "ha", "干": "gan", "令": "ling",
    "钭": "tou", "佴": "nai", "幺": "yao", "句": "gou", "秘": "bi",
    "牟": "mu", "撒": "sa", "谌": "chen", "贠": "yun", "乜": "nie", "郗": "xi", "翟": "zhai",
    "适": "kuo", "角": "jue", "妫": "gui", "郄": "qie",
}  # fmt: skip


def search_form(text: str) -> str:
    """Write a name or a query as keys are written: no spaces, no dots, small letters, ü as v."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(char for char in plain if not char.isspace() and char not in LEFT_OUT and not is_control(char))
    return kept.replace("ü", "v").replace("lyu", "lv").replace("nyu", "nv")[:LONGEST]


def is_control(char: str) -> bool:
    """Tell characters that no name and no database text holds: controls and halves of a character."""
    return unicodedata.category(char) in {"Cc", "Cs"}


def name_keys(name: str) -> frozenset[str]:
    """Give every key a person of this name is found by."""
    parts = [search_form(part) for part in _split(name)]
    whole = "".join(parts)
    keys = set(_suffixes(parts, whole))
    for start in range(len(parts)):
        keys.update(_pinyin_keys("".join(parts[start:])))
    return frozenset(key[:LONGEST] for key in keys if key)


def whole_readings(name: str) -> list[str]:
    """Give the ways a whole name can be spelled in pinyin, none for a name in letters."""
    whole = "".join(search_form(part) for part in _split(name))
    if not whole or whole.isascii():
        return []
    tails = ((head, tail) for head, rest in _readings(whole) for tail in (tuple(map(_common, rest)), _as_word(rest)))
    read = ("".join((*head, *tail)) for head, tail in tails)
    return [key[:LONGEST] for key in dict.fromkeys(read)]


def _split(name: str) -> list[str]:
    """Cut at dots and spaces: 阿依古丽·买买提 has two parts; a space inside a Han name means nothing."""
    plain = unicodedata.normalize("NFKC", name).strip()
    for dot in DOTS:
        plain = plain.replace(dot, "·")
    return [part for part in plain.replace(" ", "·").split("·") if part] if _is_foreign(plain) else [plain]


def _is_foreign(name: str) -> bool:
    return "·" in name or name.isascii()


def _suffixes(parts: list[str], whole: str) -> Iterable[str]:
    if whole.isascii():
        return ("".join(parts[start:]) for start in range(len(parts)))
    return (whole[start:] for start in range(len(whole)))


def _pinyin_keys(name: str) -> Iterable[str]:
    if name.isascii():
        return
    for head, rest in _readings(name):
        for tail in dict.fromkeys((tuple(map(_common, rest)), _as_word(rest))):
            yield "".join((*head, *tail))
            yield "".join(syllable[:1] for syllable in (*head, *tail))


def _readings(name: str) -> list[tuple[tuple[str, ...], str]]:
    """The ways to read the beginning of a name, each with the characters that follow it."""
    found: list[tuple[tuple[str, ...], str]] = [((reading,), name[1:]) for reading in _all(name[0])]
    if double := SURNAMES.get(name[:2]) if len(name) > 2 else None:
        second = max((r for r in _all(name[1]) if double.endswith(r)), key=len, default="")
        syllables = (double.removesuffix(second), second) if second else (double,)
        found.append((syllables, name[2:]))
    return found


@lru_cache(maxsize=30_000)
def _all(char: str) -> tuple[str, ...]:
    """Every reading of a character, its surname reading first; itself when it has none."""
    readings = _ask(char)
    surname = SURNAMES.get(char)
    return tuple(dict.fromkeys((surname, *readings))) if surname else readings


@lru_cache(maxsize=30_000)
def _common(char: str) -> str:
    return _ask(char)[0]


@lru_cache(maxsize=30_000)
def _as_word(text: str) -> tuple[str, ...]:
    """Read characters as the dictionary reads the words they make."""
    if len(text) < 2:
        return tuple(map(_common, text))
    pinyin, normal = _dictionary()
    read = tuple(one[0] for one in pinyin(text, style=normal, errors=list))
    return read if len(read) == len(text) else tuple(map(_common, text))


@lru_cache(maxsize=30_000)
def _ask(char: str) -> tuple[str, ...]:
    if char.isascii():
        return (char,)
    pinyin, normal = _dictionary()
    ((*readings,),) = pinyin(char, style=normal, heteronym=True, errors=list)
    return tuple(dict.fromkeys(readings)) or (char,)


@cache
def _dictionary() -> tuple[Callable[..., list[list[str]]], object]:
    # Inline: 50 ms and 20 MB that many processes never need.
    from pypinyin import Style, pinyin

    return pinyin, Style.NORMAL
