"""The canaries are found in whatever way they are written, and what collects the log does collect it."""

import base64
import json
import logging
from urllib.parse import quote

import pytest
from canaries import ADDRESS, ID_NO, MARKS, NAME, PHONE, found_in, listening

WAYS = (
    str,
    quote,
    json.dumps,
    ascii,
    lambda text: text.encode("gb18030"),
    lambda text: text.encode("utf-16-le"),
    lambda text: base64.urlsafe_b64encode(text.encode()).rstrip(b"="),
    lambda text: f"cookie=abc.{base64.urlsafe_b64encode(f'..{text}'.encode()).decode()}.def; Path=/",
    lambda text: "".join(f"&#{ord(one)};" for one in text),
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", [NAME, ADDRESS, ID_NO, PHONE])
def test_canary_is_found(way, text: str) -> None:
    assert found_in(way(text))


def test_others_are_not_canaries() -> None:
    assert found_in("张伟 990101195003071239 示范路1号 19900000001") == []
    assert len(MARKS) == 4


def test_what_is_logged_is_heard() -> None:
    with listening() as said:
        logging.getLogger("workbench.test").error("a resident: %s", NAME)
    assert found_in(said.getvalue())
