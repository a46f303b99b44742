"""What each national column holds of an item, and what no column can hold, in words."""

from ..catalogue.item_words import item_words
from ..catalogue.national import Column, beyond, columns
from ..web.language import _, bilingual


def notes() -> list[tuple[str, str, str]]:
    """Give every column with what stands in it, then every part of an item that stands in none."""
    kept = [(name, column.label, _about(column)) for name, column in columns().items()]
    return kept + [("—", words, _("No column holds it: the table leaves it as it is.")) for words in beyond_words()]


def beyond_words() -> list[str]:
    """Name the parts of an item that no national column holds."""
    return [bilingual(*item_words()[key]) for key in beyond()]


def empty_columns() -> list[str]:
    """Name the national columns of which the workbench keeps nothing."""
    return [f"{column.label} {name}" for name, column in columns().items() if not column.is_kept]


def _about(column: Column) -> str:
    words = item_words()
    if column.ours:
        return bilingual(*words[column.ours])
    if column.carries:
        return _("As JSON: {parts}", parts=", ".join(bilingual(*words[key]) for key in column.carries))
    if column.derived == "flow":
        return _("The steps; a table cannot change them")
    if column.derived:
        return _("Made from what we hold; only compared on the way in")
    return _("Not kept here: empty on the way out, left out on the way in")
