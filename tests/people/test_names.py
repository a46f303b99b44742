import subprocess
import sys

import pytest

from workbench.people.names import name_keys, search_form


def test_name_is_found_by_suffixes_pinyin_and_initials() -> None:
    assert name_keys("张伟芳") == {"张伟芳", "伟芳", "芳", "zhangweifang", "zwf"}


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("单雄", "shanxiong"),
        ("仇英", "qiuying"),
        ("解珍", "xiezhen"),
        ("查良", "zhaliang"),
        ("区志", "ouzhi"),
        ("曾国", "zengguo"),
        ("尉迟恭", "yuchigong"),
        ("万俟雪", "moqixue"),
        ("单于飞", "chanyufei"),
        ("长孙明", "zhangsunming"),
        ("吕布", "lvbu"),
        ("缪红", "miaohong"),
        ("区重庆", "ouchongqing"),
        ("朴信", "piaoxin"),
        ("华岳", "huayue"),
        ("任长乐", "renchangle"),
        ("盖朝阳", "gezhaoyang"),
        ("乐正平", "yuezhengping"),
        ("繁星", "poxing"),
        ("折可", "sheke"),
        ("黑龙", "helong"),
        ("种师道", "chongshidao"),
        ("翟让", "zhairang"),
        ("冼星海", "xianxinghai"),
        ("覃红", "qinhong"),
        ("尹重庆", "yinchongqing"),
    ],
)
def test_surname_is_found_by_its_own_reading(name: str, pinyin: str) -> None:
    assert pinyin in name_keys(name)


def test_surname_is_also_found_by_the_common_reading() -> None:
    assert {"danxiong", "dx", "shanxiong", "sx"} <= name_keys("单雄")


def test_minority_name_is_found_by_each_part() -> None:
    keys = name_keys("阿依古丽·买买提")
    assert {"阿依古丽买买提", "买买提", "ayigulimaimaiti", "maimaiti", "ayglmmt", "mmt"} <= keys
    assert search_form("阿依古丽•买") == "阿依古丽买"


@pytest.mark.parametrize(
    ("name", "keys"), [("王𠮷", {"王𠮷", "𠮷", "wang𠮷"}), ("李㐂", {"李㐂", "㐂", "li㐂", "l㐂"})]
)
def test_rare_character_stays_itself(name: str, keys: set[str]) -> None:
    assert keys <= name_keys(name)


def test_foreign_name_is_found_by_each_word() -> None:
    assert name_keys("John Smith") == {"johnsmith", "smith"}


def test_query_is_written_as_keys_are() -> None:
    assert [search_form(text) for text in (" 张 伟 ", "ZHANGW", "lü", "Lyu", "ｚｗ")] == [
        "张伟",
        "zhangw",
        "lv",
        "lv",
        "zw",
    ]


def test_very_long_name_keeps_keys_short() -> None:
    assert max(map(len, name_keys("买买提" * 30))) == 64


def test_empty_name_has_no_keys() -> None:
    assert name_keys("") == frozenset()


def test_dictionary_is_loaded_when_first_needed() -> None:
    code = "import sys, workbench.people.names; print('pypinyin' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
