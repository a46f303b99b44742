"""What becomes of characters that a department's charset lacks.

The platform's manifest names the policy. Whatever is done is written into the message
or told to the worker; no character is ever dropped or replaced in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.api import Refused


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one platform writes text: its charset and its policy for rare characters."""

    charset: str
    policy: str  # keep, pinyin, refuse

    def holds(self, character: str) -> bool:
        """Tell whether the charset has this character."""
        try:
            character.encode(self.charset)
        except UnicodeEncodeError:
            return False
        return True

    def lacking(self, text: str) -> str:
        """List the characters of a text that the charset lacks, each once, in order."""
        return "".join(dict.fromkeys(character for character in text if not self.holds(character)))

    def fit(self, row: Mapping[str, str], fields: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Spell every column in the charset; give the row and a note of what was replaced ("" = nothing).

        `fields` names our field key of a column. Raises Refused for what cannot be spelled.
        """
        fitted, notes = dict(row), []
        for column, text in row.items():
            for character in self.lacking(text):
                sound = self._replacement(column, character, fields)
                fitted[column] = fitted[column].replace(character, sound)
                notes.append(f"{column}:{_code_point(character)}以拼音{sound}代替")
        return fitted, ";".join(notes)

    def _replacement(self, column: str, character: str, fields: Mapping[str, str]) -> str:
        sound = _sound(character) if self.policy == "pinyin" else ""
        if not sound or self.lacking(sound):
            raise Refused(
                f"{column}: 对方系统字符集 {self.charset.upper()} 不含“{character}”({_code_point(character)}) / "
                f"their charset lacks this character",
                code="charset",
                field=fields.get(column) or None,
            )
        return sound


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _sound(character: str) -> str:
    # Inline because pypinyin is slow to load and only rare names need it.
    from pypinyin import lazy_pinyin

    sound = lazy_pinyin(character, errors="ignore")
    return sound[0].upper() if sound else ""
