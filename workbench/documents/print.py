"""Turns a document's data and its template into PDF bytes.

A template is source an admin may have changed: it sees the frame and the data and nothing of the machine.
What a resident or worker typed is data and can never become source.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..reception.papers.print import FOLDER as RECEPTION_PAPERS
from ..store.problems import Problem

FOLDER = Path(__file__).with_name("papers")
FONTS = RECEPTION_PAPERS / "fonts"
LONGEST = 20_000


@cache
def standard_template(kind: str) -> str:
    """Give the template that ships with the product."""
    return (FOLDER / f"{kind}.typ").read_text("utf-8")


@cache
def _frame() -> str:
    return (FOLDER / "frame.typ").read_text("utf-8")


def digest_of(source: str) -> str:
    """Give the digest by which a template is known: its own text and the frame's."""
    return hashlib.sha256((source + _frame()).encode()).hexdigest()[:32]


def draw(source: str, data: Mapping[str, Any]) -> bytes:
    """Draw a document; raises Problem with typst's own words when the template is wrong."""
    import typst  # 84 MB: loaded when the first paper is printed

    if "@" in source or len(source) > LONGEST:  # no packages from elsewhere
        zh, en = (
            "模板不能引用外部包，且不超过 20000 字符。",
            "No packages, and 20,000 characters at most.",
        )
        raise Problem("template_wrong", zh, en, field="source")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("main.typ", source), ("frame.typ", _frame())):
            (Path(folder) / name).write_text(text, "utf-8")
        try:
            pdf: bytes = typst.compile(
                Path(folder) / "main.typ",
                root=Path(folder),
                font_paths=[FONTS],
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            )
        except Exception as error:
            said = str(error).splitlines()[0][:300]
            raise Problem("template_wrong", f"模板有误：{said}", f"The template is wrong: {said}", "source") from error
    return pdf
