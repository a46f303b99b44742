"""Characters a charset lacks: replaced with a note, or refused by name; never lost in silence."""

import pytest

from adapters.transports.charset import Spelling
from workbench.api import Refused

FIELDS = {"姓名": "name"}


def test_text_the_charset_holds_stays_as_it_is() -> None:
    row = {"姓名": "阿依古丽·买买提", "备注": "①Ⅳ"}
    assert Spelling("gbk", "pinyin").fit(row, FIELDS) == (row, "")
    assert Spelling("utf-8", "keep").fit({"姓名": "王㛃𬭎䶮"}, FIELDS) == ({"姓名": "王㛃𬭎䶮"}, "")


def test_pinyin_replaces_each_character_once_and_notes_it() -> None:
    fitted, note = Spelling("gbk", "pinyin").fit({"姓名": "㛃王㛃", "配偶": "李"}, FIELDS)
    assert fitted == {"姓名": "JIE王JIE", "配偶": "李"}
    assert note == "姓名:U+36C3以拼音JIE代替"


@pytest.mark.parametrize("policy", ["refuse", "keep"])
def test_refusal_names_the_field_and_the_character(policy: str) -> None:
    with pytest.raises(Refused, match=r"姓名.*GBK.*𬭎.*U\+2CB4E") as refused:
        Spelling("gbk", policy).fit({"姓名": "王𬭎"}, FIELDS)
    assert (refused.value.field, refused.value.code) == ("name", "charset")


def test_character_without_a_sound_is_refused_even_with_pinyin() -> None:
    with pytest.raises(Refused, match="😀"):
        Spelling("gbk", "pinyin").fit({"姓名": "王😀"}, FIELDS)
