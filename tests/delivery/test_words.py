"""Every state and reason has words in both languages, and somebody who has to act while it is open."""

import pytest

from workbench.delivery.models import REASONS, STATES
from workbench.delivery.words import REASON_WORDS, STATE_WORDS, tell


def test_words_cover_exactly_what_can_stand_in_a_row() -> None:
    assert set(STATE_WORDS) == set(STATES)
    assert set(REASON_WORDS) == set(REASONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reason", REASONS)
def test_words_are_complete(state: str, reason: str) -> None:
    words = tell(state, reason, platform_zh="民政网关", platform_en="Gateway", reference="R1")

    assert words.text_zh.endswith("。")
    assert words.text_en.endswith(".")
    assert "{" not in words.text_zh + words.text_en
    assert bool(words.who_zh) == bool(words.who_en)
    if state != "done":
        assert words.who_zh


def test_words_of_a_waiting_parcel_name_what_its_platform_suffers() -> None:
    words = tell("waiting", "", platform_zh="民政网关", platform_en="Gateway", closed_reason="credentials")

    assert "密钥" in words.text_zh
    assert words.who_en == "the system admin"
