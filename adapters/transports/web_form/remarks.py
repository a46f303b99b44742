"""What stands in the remarks box: every value without a field of its own, in words a clerk can read."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from adapters.code_map import read_code_map
from workbench.api.parcels import Parcel

from .layout import Layout


def write_remarks(parcel: Parcel, layout: Layout, shown: set[str], codes: Path) -> Iterator[str]:
    """Give one line "键：值" for each value whose key is not among `shown`, then files and legal basis."""
    for key, value in parcel.values.items():
        text = tell(layout, key, value, codes)
        if text and key not in shown:
            yield f"{layout.label(key)}：{text}"
    for number, file in enumerate(parcel.files, 1):
        yield f"附件{number}：{file.name}"
    if parcel.basis:
        yield f"办理依据：{parcel.basis}"


def tell(layout: Layout, key: str, value: object, codes: Path) -> str:
    """Put one value into words on one line; a code keeps standing behind its word."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        told = {name: tell(layout, name, part, codes) for name, part in value.items()}
        return "，".join(f"{layout.label(name)}={text}" for name, text in told.items() if text)
    if isinstance(value, list | tuple):
        between = "；" if any(isinstance(part, Mapping) for part in value) else "、"
        return between.join(text for part in value if (text := tell(layout, key, part, codes)))
    text = " / ".join(str(value).split("\n"))
    word = _word(layout, key, text, codes)
    return f"{word}({text})" if word else text


def _word(layout: Layout, key: str, text: str, codes: Path) -> str:
    if key in layout.remark_codes:
        code_map = read_code_map(codes, layout.remark_codes[key])
        return code_map.names.get(code_map.by_ours.get(text, ""), "")
    return layout.words.get(key, {}).get(text, "")
