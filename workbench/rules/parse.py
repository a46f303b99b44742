"""Turn the text of a rule into a checked tree: a whitelist over Python's own grammar, never `eval`.

Allowed: and, or, not, comparisons, in, + - * / on numbers, literals, dotted names of the
vocabulary, date("YYYY-MM-DD") and `.year` of a day. Everything else is a RuleError with a hint.
"""

import ast
import re
from collections.abc import Mapping
from functools import lru_cache

from .errors import RuleError
from .evaluate import Rule, make_rule
from .reading import Reader
from .vocabulary import FactName, load_vocabulary

MAX_LENGTH = 1000
#: Characters no rule needs and whose reading surprises: escapes, comments, nul.
FORBIDDEN = {
    "\\": "a backslash",
    "#": "a comment",
    "\0": "a nul character",
    "\n": "a line break",
    "\r": "a line break",
}
#: What people of other languages write, and what to write here.
MISTAKES = {
    r"&&": "write and, not &&",
    r"\|\|": "write or, not ||",
    r"!(?!=)": "write not, not !",
    r"(?<![=<>!])=(?!=)": "compare with ==",
    r"[（），“”‘’]": "write ASCII brackets, commas and quotes",
}


def parse(text: str, vocabulary: Mapping[str, FactName] | None = None) -> Rule:
    """Read a rule against the vocabulary (the shared one by default) or raise RuleError."""
    if vocabulary is None or vocabulary is load_vocabulary():
        return _parse_shared(text)
    return _parse(text, vocabulary)


@lru_cache(maxsize=4096)
def _parse_shared(text: str) -> Rule:
    return _parse(text, load_vocabulary())


def _parse(text: str, vocabulary: Mapping[str, FactName]) -> Rule:
    tree = Reader(text, vocabulary).condition(_grammar(text), depth=0)
    return make_rule(text, tree)


def _grammar(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise RuleError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH + 1, "split it into several rules")
    if not text.strip():
        raise RuleError("the rule is empty", 1, "leave the rule out instead")
    for character, name in FORBIDDEN.items():
        if character in text:
            raise RuleError(f"{name} is not part of a rule", text.index(character) + 1)
    # Blanks in front would be an indentation error.
    bare = text.lstrip()
    try:
        return ast.parse(bare, mode="eval").body
    except SyntaxError as error:
        column = min(max(error.offset or 1, 1), len(bare)) + len(text) - len(bare)
        raise RuleError("cannot be read here", column, _syntax_hint(text)) from None
    except (ValueError, RecursionError, MemoryError):
        raise RuleError("nested too deeply or too large", 1, "split it into several rules") from None


def _syntax_hint(text: str) -> str:
    for pattern, hint in MISTAKES.items():
        if re.search(pattern, text):
            return hint
    return "check brackets and quotes"
