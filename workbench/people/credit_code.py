"""Unified social credit codes of bodies and businesses (GB 32100)."""

from ..store.problems import Problem
from .id_number import tidy

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I O S V Z
WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


def read_credit_code(text: str) -> str:
    """Check a credit code and give it tidy; raises Problem saying what to do."""
    code = tidy(text)
    if len(code) != 18:
        zh, en = (
            "统一社会信用代码应为18位。请对照营业执照或法人证书重新输入。",
            "A unified social credit code has 18 characters.",
        )
        raise Problem("credit_length", zh, f"{en} Enter it again from the licence.", field="credit_code")
    if not set(code) <= set(ALPHABET):
        zh = "统一社会信用代码不含字母I、O、S、V、Z。请看清是否为数字1、0、5后重新输入。"
        en = "A credit code holds no I, O, S, V or Z. See whether it is 1, 0 or 5 and enter it again."
        raise Problem("credit_characters", zh, en, field="credit_code")
    if check_character(code[:17]) != code[17]:
        zh = "校验位不对。请对照营业执照或法人证书逐位核对。"
        en = "The check character does not fit. Compare every character with the licence."
        raise Problem("credit_checksum", zh, en, field="credit_code")
    return code


def check_character(first17: str) -> str:
    """Work out the 18th character (modulus 31)."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]
