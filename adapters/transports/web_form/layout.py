"""`layout.toml`: the pages of one platform as we know them.

The file is the guard: a page whose title, version or form fields differ from it is not
filled in. When the department changes a page, its owner corrects this file, not code.
"""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from workbench.api.errors import AdapterError, BrokenPromise, NeedsCredentials, Refused, TryLater

PageName = Literal["sign_in", "menu", "application", "confirmation", "done", "query", "list"]


class Part(BaseModel):
    """Common rule: frozen, and nothing that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageLayout(Part):
    """One page: its title, where it is, the names of its form fields, the headings of its table."""

    title: str
    path: str = ""
    fields: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()


class FormField(Part):
    """One field of the application form. The first of ours that has a value fills theirs."""

    ours: str
    theirs: str
    label: str
    codes: str = ""  # code map, by file name in codes/
    compact_date: bool = False  # 20261122 instead of 2026-11-22
    compare: bool = False  # the confirmation page must show it as it was sent


class Notice(Part):
    """What a message of theirs means, by its code; `none` is not an error."""

    code: str
    error: Literal["try_later", "refused", "credentials", "none"]
    field: str = ""
    after: float | None = None


class Answers(Part):
    """Where a site of a declared platform shows what we ask for: ids of elements, headings of columns."""

    number: str  # the element with their number, on the page that follows the confirmation
    time: str
    number_shape: str  # a pattern their numbers fit
    nothing: str  # the code of the message that there is no record
    key: str  # columns of query and list from here
    reference: str
    at: str
    state: str
    serial: str
    changed: str
    text: str
    times: str = "%Y-%m-%d %H:%M:%S"


class Layout(Part):
    """All pages of one platform, the fields of its application form, and its messages."""

    version: str  # printed at the foot of every page
    pages: dict[PageName, PageLayout]
    user_field: str
    password_field: str
    query_field: str
    check_action: str  # whose empty form a check opens
    remarks_field: str  # takes what no other field can
    fields: tuple[FormField, ...]
    labels: dict[str, str] = {}  # our key -> the word used in the remarks
    words: dict[str, dict[str, str]] = {}  # our key -> code -> the word used in the remarks
    remark_codes: dict[str, str] = {}  # our key -> code map whose names are used in the remarks
    notices: tuple[Notice, ...] = ()
    answers: Answers | None = None  # only where the platform is declared; a codec of its own knows them

    def label(self, key: str) -> str:
        """Give the word for one of our keys; a key nobody named stays as it is."""
        return next((field.label for field in self.fields if field.ours == key), self.labels.get(key, key))

    def is_error(self, code: str) -> bool:
        """Tell whether a message stops the work; a code that is not listed does."""
        return all(notice.code != code or notice.error != "none" for notice in self.notices)

    def error_of(self, code: str, text: str) -> AdapterError:
        """Give the error that a message means; a code nobody listed is a broken promise, not a refusal."""
        notice = next((notice for notice in self.notices if notice.code == code), None)
        if notice is None or notice.error == "none":
            return BrokenPromise(f"the page says something that is not in the table of messages: {code or 'no code'}")
        if notice.error == "refused":
            return Refused(text, code=code, field=notice.field or None)
        if notice.error == "credentials":
            return NeedsCredentials(f"the department does not accept the sign-on: {code}")
        return TryLater(f"{code} {text}", after=notice.after)


def read_layout(path: Path) -> Layout:
    """Read and check one layout file."""
    return Layout.model_validate(tomllib.loads(path.read_text("utf-8")))
