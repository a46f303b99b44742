"""What may become a password: long, and nothing that is tried first."""

import re
from collections.abc import Mapping
from typing import Any

from ..store.problems import Problem

LEAST, MOST = 12, 128
#: Letters that differ; "aaaaaaaaaaab" and "121212121212" have fewer.
DIFFERENT = 5
#: What zxcvbn calls "very unguessable", and how much of a password it needs to see for that.
SAFE, JUDGED = 4, 72
#: Words of this product and its place, and what passwords of this length begin with all over the world.
WORDS = (
    "workbench", "roundtable", "圆桌", "工作台", "社区", "社工", "全科", "街道", "站点",
    "password", "passw0rd", "p@ssword", "p@ssw0rd", "mima", "administrator", "admin", "welcome", "letmein", "iloveyou",
    "woaini", "changeme", "qwerty", "qwertyuiop", "asdfgh", "zxcvbn", "1qaz2wsx", "qazwsx", "abc123", "abcdef",
    "dragon", "monkey", "football", "baseball",
    "sunshine", "princess", "superman", "trustno1", "master", "shadow", "michael",
)  # fmt: skip
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890123456789",
    "1qaz2wsx3edc4rfv5tgb",
)


def refuse_easy_password(new: str, username: str, old: str = "") -> None:
    """Raise Problem for a password that is too short, too long, the old one, or easy to guess."""
    if len(new) < LEAST or len(new) > MOST or new == old:
        zh = f"新密码须为 {LEAST} 至 {MOST} 个字符，且与原密码不同。"
        raise Problem("password_short", zh, f"Use {LEAST} to {MOST} letters, not the old password.", "new_password")
    if is_easy(new, username) or is_guessed(new, username):
        zh = "这个密码太容易猜到。请不要用账号、单位名称、常见密码、连续或重复的字符，可以用几个不相干的词。"
        en = "This password is easy to guess. Use no account or place names, common passwords, rows or repetitions; "
        raise Problem("password_easy", zh, f"{en}several words that do not belong together are good.", "new_password")


def is_easy(new: str, username: str) -> bool:
    """Tell whether little is left of a password once everything that is tried first is taken away."""
    left = new.casefold()
    if len(set(left)) < DIFFERENT:
        return True
    known = [word for word in (username.casefold(), *sorted(WORDS, key=len, reverse=True)) if len(word) > 1]
    for word in known:
        left = left.replace(word, "")
    left = re.sub(r"(19|20)\d\d", "", left)
    for row in ROWS:
        left = _without_runs(left, row)
    return len(left) < LEAST // 2 or len(set(left)) < DIFFERENT


def is_guessed(new: str, username: str) -> bool:
    """Tell whether ten thousand million guesses find a password, made in the order in which attackers make them.

    They begin with 30,000 passwords of known breaches, go on with names and words, and put them together.
    """
    from zxcvbn import zxcvbn  # its lists take memory, and are needed only when a password is made

    found: Mapping[str, Any] = zxcvbn(new[:JUDGED], user_inputs=[username, *WORDS])
    return int(found["score"]) < SAFE


def _without_runs(text: str, row: str) -> str:
    """Take away what stands in a row of the keyboard or the alphabet, four letters or more, in either direction."""
    for order in (row, row[::-1]):
        for length in range(len(order), 3, -1):
            for start in range(len(order) - length + 1):
                text = text.replace(order[start : start + length], "")
    return text
