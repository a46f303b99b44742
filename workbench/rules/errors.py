"""The one error of this room: a rule that cannot be read. Evaluating never raises."""


class RuleError(ValueError):
    """The rule cannot be read; the author corrects it at the column, led by the hint."""

    def __init__(self, text: str, column: int, hint: str = "") -> None:
        #: What is wrong, in words.
        self.text = text
        #: Where, counted in characters from 1.
        self.column = column
        #: What to write instead, or "".
        self.hint = hint
        super().__init__(f"column {column}: {text}" + (f" ({hint})" if hint else ""))
