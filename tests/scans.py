"""Real scans for tests: pictures and PDFs as phones and scanners make them."""

import io

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """Take a picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def pdf(pages: int = 1, **more: str) -> bytes:
    """Scan some pages; `more` is written with them: javascript, attachment, password."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    if "javascript" in more:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(more["javascript"])}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if "attachment" in more:
        writer.add_attachment("a.exe", more["attachment"].encode())
    if "password" in more:
        writer.encrypt(more["password"], algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
