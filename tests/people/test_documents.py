import io
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image
from scans import pdf, picture

from workbench.people.documents import documents_of, keep_document, read_document, tidy_file_name
from workbench.people.register import register_person
from workbench.people.scans import LARGEST, MOST_PAGES, MOST_PIXELS, make_safe, read_media_type
from workbench.store.problems import Problem

PNG, JPEG, PDF = picture(), picture("JPEG"), pdf(3)


@pytest.fixture
def person_id(act, make_input) -> str:
    with act() as ctx:
        return register_person(ctx, make_input()).id


@pytest.mark.parametrize(
    ("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (PDF, "application/pdf")]
)
def test_scan_is_kept_and_read_back(act, person_id, content: bytes, media_type: str) -> None:
    with act() as ctx:
        row = keep_document(ctx, person_id, "id_card", content, file_name="身份证.png")
        document, bytes_read = read_document(ctx, person_id, row.id or 0)
        assert read_media_type(bytes_read) == media_type
        assert (document.media_type, document.size, document.file_name) == (media_type, len(bytes_read), "身份证.png")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (JPEG + b"\0" * LARGEST, "file_too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "file_kind"),
        (b"#!/bin/sh\n", "file_kind"),
        (b"MZ\x90", "file_kind"),
        (b" %PDF-1.7", "file_kind"),
        (b"GIF89a", "file_kind"),
        (picture("JPEG", (9, 9))[:-40], "file_broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "file_broken"),
        (b"\xff\xd8\xff" + pdf(), "file_broken"),
        (b"%PDF-1.7\n", "file_broken"),
        (pdf(MOST_PAGES + 1), "file_too_long"),
        (pdf(javascript="app.alert(1)"), "file_active"),
        (pdf(attachment="MZ"), "file_active"),
        (pdf(password="1"), "file_locked"),
    ],
)
def test_file_that_is_not_accepted_says_what_to_do(act, person_id, settings, content: bytes, code: str) -> None:
    with act() as ctx:
        with pytest.raises(Problem) as caught:
            keep_document(ctx, person_id, "id_card", content, file_name="身份证.jpg")
        assert caught.value.code == code
        assert any(word in caught.value.zh for word in ("请重新", "再上传", "拍照上传"))
        assert documents_of(ctx, person_id) == []
    assert not (settings.instance / "files").exists()


def test_picture_is_written_anew_without_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "金丝雀街"  # lies on its side; a description
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)  # where
    taken = picture("JPEG", (40, 20), exif=exif) + b"<?php system($_GET[0]); ?>"

    _, kept = make_safe(taken)

    with Image.open(io.BytesIO(kept)) as image:
        assert (image.size, dict(image.getexif())) == ((20, 40), {})
    assert b"php" not in kept
    assert "金丝雀".encode() not in kept


def test_picture_with_too_many_pixels_is_refused_unread() -> None:
    side = int(MOST_PIXELS**0.5) + 1000
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    bomb += struct.pack(">I", 1) + b"IDAT" + b"x" + struct.pack(">I", zlib.crc32(b"IDATx"))
    with pytest.raises(Problem) as caught:
        make_safe(bomb)
    assert caught.value.code == "file_too_large"


def test_sighted_original_has_no_scan(act, person_id) -> None:
    with act() as ctx:
        row = keep_document(ctx, person_id, "hukou_book", None)
        (document,) = documents_of(ctx, person_id)
        assert (document.kind, document.digest, document.is_valid) == ("hukou_book", "", True)
        with pytest.raises(Problem) as caught:
            read_document(ctx, person_id, row.id or 0)
        assert caught.value.code == "no_such_document"


def test_validity_ends_after_the_last_day(act, person_id) -> None:
    with act() as ctx:
        today = ctx.clock.today()
        keep_document(ctx, person_id, "old", None, valid_until=today - timedelta(days=1))
        keep_document(ctx, person_id, "last_day", None, valid_until=today)
        assert [(document.kind, document.is_valid) for document in documents_of(ctx, person_id)] == [
            ("last_day", True),
            ("old", False),
        ]


def test_scan_of_somebody_else_is_not_given(act, person_id, make_input, make_number) -> None:
    with act() as ctx:
        other = register_person(ctx, make_input("李四", id_no=make_number(sequence=902)))
        row = keep_document(ctx, person_id, "id_card", PNG)
        with pytest.raises(Problem):
            read_document(ctx, other.id, row.id or 0)


@pytest.mark.parametrize(
    ("name", "tidy"),
    [("../../etc/passwd", "passwd"), ("C:\\扫描\\户口簿.pdf", "户口簿.pdf"), ("a\0b\n.png", "ab.png"), ("..", "")],
)
def test_file_name_is_tidied(name: str, tidy: str) -> None:
    assert tidy_file_name(name) == tidy


def test_long_file_name_keeps_its_ending() -> None:
    assert tidy_file_name("长" * 200 + ".pdf").endswith("长.pdf")
    assert len(tidy_file_name("长" * 200 + ".pdf")) == 120
