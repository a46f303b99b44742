"""Texts come from all files of a language, and count as that language counts."""

from pathlib import Path

from workbench.web.language import catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
ONE = HEAD + 'msgid "Save"\nmsgstr "保存"\n'
TWO = HEAD + 'msgid "{count} day"\nmsgid_plural "{count} days"\nmsgstr[0] "{count} 天"\n'


def test_catalogue_counts_as_its_language_does(tmp_path: Path) -> None:
    folder = tmp_path / "zh_CN"
    folder.mkdir()
    (folder / "one.po").write_text(ONE, "utf-8")
    (folder / "two.po").write_text(TWO, "utf-8")
    words = catalogue("zh_CN", tmp_path)

    assert words.gettext("Save") == "保存"
    assert [words.ngettext("{count} day", "{count} days", count) for count in (0, 1, 2)] == ["{count} 天"] * 3


def test_catalogue_without_files_counts_as_english(tmp_path: Path) -> None:
    words = catalogue("en", tmp_path)

    assert [words.ngettext("one", "many", count) for count in (0, 1, 2)] == ["many", "one", "many"]
