"""What is kept of an uploaded file: its kind is read from the content, images are written anew, PDFs are read whole.

A picture written anew holds its pixels and nothing else: no place where it was taken, no second file behind it. A PDF
is kept as it is, since it may be signed, or not at all.
"""

import io
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from ..store.problems import Problem

LARGEST = 20 * 1024 * 1024
#: A sheet of A3 at 600 dots an inch has 70 million.
MOST_PIXELS, MOST_PAGES, MOST_PARTS = 80_000_000, 200, 200_000
#: How a file begins -> what it is. Nothing that a browser would run is among them.
BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
#: What acts by itself, or carries other files.
ACTIVE = frozenset(
    {"/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/EmbeddedFile", "/RichMedia", "/XFA", "/SubmitForm"}
)


def make_safe(content: bytes) -> tuple[str, bytes]:
    """Give the kind of a file and what to keep of it; raises Problem for anything that is not accepted."""
    media_type = read_media_type(content)
    if media_type == "application/pdf":
        _judge_pdf(content)
        return media_type, content
    return media_type, _write_anew(content, media_type)


def read_media_type(content: bytes) -> str:
    """Tell what a file is from how it begins; raises Problem for anything that is not accepted."""
    if not content:
        zh, en = "文件是空的(0字节)。请重新拍照或扫描后再上传。", "The file is empty. Take the photo or scan again."
        raise Problem("file_empty", zh, en, "file")
    if len(content) > LARGEST:
        zh = "文件超过20 MB。请降低拍照清晰度,或分页扫描后再上传。"
        en = "The file is larger than 20 MB. Lower the resolution, or scan page by page, and upload again."
        raise Problem("file_too_large", zh, en, "file")
    for beginning, media_type in BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    zh = "只收JPG、PNG图片和PDF文件。请将材料另存为其中一种,或直接拍照上传。"
    en = "Only JPEG and PNG images and PDF files are accepted. Save it as one of these, or take a photo."
    raise Problem("file_kind", zh, en, "file")


def _write_anew(content: bytes, media_type: str) -> bytes:
    kind = media_type.removeprefix("image/").upper()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; they are judged here
            with Image.open(io.BytesIO(content), formats=[kind]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _too_many_pixels()
                image.load()
                upright = ImageOps.exif_transpose(image) or image
                return _as_bytes(upright, kind)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except (OSError, SyntaxError, ValueError, EOFError):
        zh, en = (
            "这张图片打不开，可能没有传完。请重新拍照上传。",
            "The picture cannot be opened. Take it again and upload.",
        )
        raise Problem("file_broken", zh, en, "file") from None


def _as_bytes(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    has_layers = kind == "PNG" and image.mode in ("RGBA", "LA", "P", "PA")
    plain = image.convert("RGBA" if has_layers else "L" if image.mode in ("1", "L") else "RGB")
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())  # pixels only
    bare.save(out, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return out.getvalue()


def _judge_pdf(content: bytes) -> None:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        is_locked, pages = reader.is_encrypted, 0 if reader.is_encrypted else len(reader.pages)
        is_active = not is_locked and any(not ACTIVE.isdisjoint(names) for names in _names(reader))
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError):
        is_locked, pages, is_active = False, 0, False
    if is_locked:
        zh, en = "这份PDF设有密码，打不开。请去掉密码后再上传。", "This PDF has a password. Remove it and upload again."
        raise Problem("file_locked", zh, en, "file")
    if not pages:
        zh, en = "这份PDF打不开，可能没有传完。请重新扫描后再上传。", "The PDF cannot be opened. Scan again and upload."
        raise Problem("file_broken", zh, en, "file")
    if pages > MOST_PAGES:
        zh = f"这份PDF超过{MOST_PAGES}页。请分成几份后再上传。"
        raise Problem("file_too_long", zh, f"The PDF has more than {MOST_PAGES} pages. Upload it in parts.", "file")
    if is_active:
        zh = "这份PDF里带有程序或附件。请打印成普通PDF后再上传。"
        en = "This PDF carries programs or attachments. Print it to a plain PDF and upload that."
        raise Problem("file_active", zh, en, "file")


def _names(reader: PdfReader) -> Iterator[set[str]]:
    """Give the names that stand in each part of a document; raises ValueError when it has too many parts."""
    seen: set[tuple[int, int]] = set()
    left: list[Any] = [reader.trailer["/Root"], *reader.pages]
    for _ in range(MOST_PARTS):
        if not left:
            return
        part = left.pop()
        if isinstance(part, IndirectObject):
            place = (part.idnum, part.generation)
            if place in seen:
                continue
            seen.add(place)
            part = part.get_object()
        if isinstance(part, DictionaryObject):
            values = list(part.raw_items() if hasattr(part, "raw_items") else dict.items(part))
            yield {str(name) for name, _ in values} | {str(value) for _, value in values if isinstance(value, str)}
            left += [value for name, value in values if name != "/Parent"]
        elif isinstance(part, ArrayObject):
            left += list(list.__iter__(part))
    raise ValueError("too many parts")


def _too_many_pixels() -> Problem:
    zh = "这张图片的像素太多。请降低拍照清晰度后再上传。"
    return Problem(
        "file_too_large", zh, "The picture has too many pixels. Lower the resolution and upload again.", "file"
    )
