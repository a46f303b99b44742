from pathlib import Path

import pytest

from workbench.rules.vocabulary import load_vocabulary, read_vocabulary


def test_vocabulary_is_complete_in_both_languages():
    vocabulary = load_vocabulary()
    assert len(vocabulary) == 126
    for name, fact in vocabulary.items():
        assert fact.name == name
        assert fact.kind in ("bool", "number", "text", "date")
        assert all((fact.owner, fact.label, fact.label_en, fact.meaning, fact.meaning_en)), name
        assert fact.label_en.isascii(), name
        assert fact.meaning_en.isascii(), name
        assert not fact.label.isascii(), name


def test_vocabulary_is_read_once_and_cannot_be_changed():
    vocabulary = load_vocabulary()
    assert vocabulary is load_vocabulary()
    with pytest.raises(TypeError):
        vocabulary["age"] = vocabulary["sex"]  # type: ignore[index]


def test_only_the_retirement_law_is_marked_sourced():
    sourced = {fact.name for fact in load_vocabulary().values() if fact.confidence == "sourced"}
    assert sourced == {"person.retirement_age", "person.retirement_reached", "person.original_retirement_age"}


def test_options_word_every_value_of_a_closed_list():
    for fact in load_vocabulary().values():
        _, _, listed = fact.type.partition(" ")
        if fact.type.startswith("enum") and listed:
            assert fact.closed_values == tuple(listed.split("|")), fact.name


def test_labels_are_unique_within_a_language():
    facts = load_vocabulary().values()
    assert len({fact.label for fact in facts}) == len(facts)
    assert len({fact.label_en for fact in facts}) == len(facts)


def test_a_name_defined_twice_is_refused(tmp_path: Path):
    row = '[[fact]]\nname="a"\ntype="bool"\nowner="o"\nlabel="l"\nlabel_en="l"\nmeaning="m"\nmeaning_en="m"\n'
    (tmp_path / "one.toml").write_text(row, encoding="utf-8")
    (tmp_path / "two.toml").write_text(row, encoding="utf-8")
    with pytest.raises(ValueError, match=r"two\.toml: the fact a is defined twice"):
        read_vocabulary(tmp_path)
