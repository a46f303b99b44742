"""A refusal a person can act on: said in both languages, beside the field it is about."""


class Problem(Exception):
    """What was asked cannot be done as it stands; the text says what to do next.

    `code` is stable for tests and the machine interface; texts hold no personal data.
    """

    def __init__(self, code: str, zh: str, en: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.zh = zh
        self.en = en
        self.field = field

    def at(self, field: str) -> "Problem":
        """Say which control it belongs to."""
        return Problem(self.code, self.zh, self.en, field)

    def text(self, locale: str) -> str:
        """Give the text in a language."""
        return self.en if locale.startswith("en") else self.zh


class Problems(Exception):
    """Several problems found in one form."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems
