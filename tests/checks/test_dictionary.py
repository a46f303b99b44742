"""Fields that look like one thing are found over the whole dictionary; code maps come back or say what is lost."""

import shutil
from pathlib import Path

import pytest

from workbench.catalogue.dictionary import FOLDER, load_dictionary
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.checks import check_folder
from workbench.checks.dictionary import tell_fields_apart
from workbench.checks.run import check_dictionary
from workbench.host.discover import discover

GATEWAY = Path(__file__).parents[2] / "adapters" / "civil_affairs" / "case_gateway"
ENTRY = """
[[field]]
key = "person.%s"
form = "%s"
label_zh = "%s"
label_en = "%s"
type = "%s"
codes = "%s"
"""
TWINS = {
    "label": ("other_phone", "other_phone", "联系电话", "Second telephone", "phone", ""),
    "english": ("other_phone", "other_phone", "备用电话", "phone (second)", "phone", ""),
    "synonym": ("schooling", "schooling", "受教育程度等级", "Schooling", "text", ""),
    "form": ("alias", "name", "别名", "Alias", "text", ""),
    "codes": ("gender", "gender", "社会性别", "Gender", "code", "gbt_2261_1_sex"),
}


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "fields"))


def found_in(folder: Path) -> set[str]:
    return {fault.text.partition(" ")[0] for _path, fault in tell_fields_apart(folder)}


def test_shipped_dictionary_has_nothing_to_correct() -> None:
    assert check_dictionary() == []


@pytest.mark.parametrize("how", TWINS)
def test_twin_is_found(fields: Path, how: str) -> None:
    before = found_in(fields)
    path = fields / "person.toml"
    label = dict(zip(("key", "form", "zh", "en", "type", "codes"), TWINS[how], strict=True))
    if how == "label":
        label["zh"] = load_dictionary().entries["person.phone"].label_zh
    if how == "english":
        label["en"] = load_dictionary().entries["person.phone"].label_en + " (second)"
    if how == "synonym":
        label["zh"] = load_dictionary().entries["person.education"].synonyms[0]
    path.write_text(path.read_text("utf-8") + ENTRY % tuple(label.values()), "utf-8")
    assert found_in(fields) - before == {f"person.{label['key']}"}


def test_field_about_somebody_else_is_another_thing(fields: Path) -> None:
    path = fields / "deceased.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('about = "the deceased"\n', ""), "utf-8")
    assert "deceased.name" in found_in(fields) or "person.name" in found_in(fields)


def test_every_field_of_every_item_points_at_the_dictionary_or_says_why_not() -> None:
    entries = load_dictionary().entries
    silent = [
        (item.code, field.key)
        for item in catalogue(discover()).items
        for field in item.manifest.fields
        if not (field.fact in entries if field.fact else field.own.strip())
    ]
    assert silent == []
    groups = {name for item in catalogue(discover()).items for name in item.manifest.field_groups}
    assert groups <= set(load_dictionary().groups)
    assert all(form_of(item.manifest).sections for item in catalogue(discover()).items)


def test_map_that_loses_a_code_must_say_so(tmp_path: Path) -> None:
    platform = Path(shutil.copytree(GATEWAY, tmp_path / "case_gateway"))
    assert check_folder(platform).findings == ()
    said = platform / "codes" / "losses.toml"
    text = said.read_text("utf-8")
    said.unlink()
    (finding,) = check_folder(platform).findings
    assert (finding.rule, "sex.csv" in finding.text) == ("codes-round-trip", True)
    said.write_text(f'{text}id_type = "nothing"\n', "utf-8")
    assert {one.rule for one in check_folder(platform).findings} == {"codes-round-trip"}
