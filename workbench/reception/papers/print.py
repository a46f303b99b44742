"""Turns a template and data into PDF bytes; the same input gives the same paper on every machine."""

import json
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno

FOLDER = Path(__file__).parent


def make_pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Print one paper. The text of a resident is data to typst and can never become source."""
    import typst  # 84 MB: loaded when the first paper is printed

    pdf: bytes = typst.compile(
        FOLDER / f"{template}.typ",
        font_paths=[FOLDER / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return pdf


@lru_cache(maxsize=256)
def qr_svg(text: str) -> str:
    """Draw a QR code; black on white, readable from a photocopy."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=2)
    return out.getvalue().decode("utf-8")
