"""The `[declared]` part of a platform.toml: how a platform speaks, said in a table instead of a codec.

A path names a place in a message by its parts: `applicant.name`. What we can say is a key of the
form (`name`), something of the parcel itself (`parcel.key`, see `PARCEL`), or, where it fits, `cursor`,
`page` and `question.name`, `question.id_no`, `question.purpose`, `question.hub_id`.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .shape import Manifest

Recovery = Literal[
    "refused", "try_later", "needs_credentials", "needs_settings", "broken_promise", "outcome_unknown"
]  # fmt: skip
Digest = Literal["sha256", "sm3", "md5"]
#: What a map may take from the parcel itself, as `parcel.<name>`.
PARCEL = (
    "key", "case_no", "item_code", "item_version", "item_title", "operation", "hub_id", "division", "accepted_at",
    "worker_name", "basis",
)  # fmt: skip
#: What a map may take where an answer is asked for.
ASKED = ("cursor", "page", "question.name", "question.id_no", "question.purpose", "question.hub_id")


class MapField(Manifest):
    """One field of the department's message, and where its value comes from: `ours`, or a fixed `text`."""

    theirs: str
    ours: str = ""
    text: str = ""
    codes: str = ""  # code map in codes/
    write: str = ""  # how a day or a time is written, as in %Y%m%d; %-m for no leading zero
    kind: Literal["text", "number", "bool", "raw"] = "text"
    required: bool = False  # the parcel is refused here, beside the field, when it is empty
    place: Literal["body", "query", "path", "header"] | None = None  # by default query for GET, body for all else
    columns: tuple["MapField", ...] = ()  # of a table


class Ask(Manifest):
    """One question or message. REST says method and path, SOAP the operation of its WSDL."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    path: str = ""
    operation: str = ""
    body: Literal["json", "form"] = "json"
    wrap: str = ""  # form field that holds the whole message as JSON
    map: tuple[MapField, ...] = ()
    rest: str = ""  # path of an object with everything the map does not say, so that nothing stated is lost
    files: str = ""  # path of the list of materials: material, name, type, size, sha256
    attach: bool = False  # the list of materials carries the bytes too, in base64, as `content`


class Push(Ask):
    """A message that hands a parcel over, and where the answer has their number."""

    reference: str = ""
    at: str = ""
    queued: bool = False  # they answer without a number; it comes with collect


class Find(Ask):
    """The question whether a parcel arrived."""

    reference: str = ""
    at: str = ""
    found: str = ""  # path of a yes or no


class Collect(Ask):
    """How outcomes are asked for, and what a row of the answer says."""

    rows: str = ""  # path of the list
    number: str = ""  # of a row: never used twice; names the message
    key: str = ""
    reference: str = ""
    status: str = ""
    statuses: str = "status"  # code map: our outcome, their status
    at: str = ""
    text: str = ""
    field: str = ""  # their field to be corrected
    version: str = ""  # exchange tables: which version of our report a row answers
    paging: Literal["after", "page", "token"] = "after"
    size: int = Field(default=100, ge=1)  # rows in a full page
    start: str = "0"  # the first cursor
    next: str = ""  # path of the next token
    more: str = ""  # path of a yes or no; without it a full page means that more wait


class Tasks(Ask):
    """How tasks are asked for that the department assigns, and what a row of the answer says."""

    rows: str = ""  # path of the list
    number: str  # of a row, growing; where to go on asking
    reference: str
    title: str
    hub: str = ""  # whom it is for
    due: str = ""
    kind: str = ""
    kinds: str = ""  # code map: review, yearly_check, list, other; their word
    id_no: str = ""  # whom it is about
    detail: dict[str, str] = Field(default={})  # words for a person -> path
    start: str = "0"  # the first cursor


class Known(Manifest):
    """One fact a lookup answers."""

    fact: str
    theirs: str  # path in the answer
    codes: str = ""
    kind: Literal["text", "number", "bool"] = "text"  # bool: yes, true, 1, 是


class Lookup(Ask):
    """How a person is asked about; the facts are those of `lookups`."""

    answers: tuple[Known, ...] = ()
    as_of: str = ""  # path of the day the answers were true
    row: str = ""  # path of a list whose first row is the person


class AnswerShape(Manifest):
    """What every answer has in common. Without `code`, the HTTP status is the code."""

    code: str = ""  # path
    done: tuple[str, ...] = ("200", "201", "202")
    again: tuple[str, ...] = ()  # they had this key before; the answer carries the first number
    nothing: tuple[str, ...] = ()  # they hold no such thing
    text: str = ""  # path of their words
    field: str = ""  # path of their field that is wrong
    statuses: tuple[int, ...] = (200,)  # HTTP statuses whose body is read


class Sign(Manifest):
    """A signature over a text of placeholders; see `Signing`."""

    text: str
    secret: str = ""  # setting that holds the key; "" = no key, a plain digest of the text
    digest: Digest = "sha256"
    encoding: Literal["hex", "HEX", "base64"] = "hex"


class Signing(Manifest):
    """How they know that a call is ours: headers written from placeholders, and a token where one is lent.

    Placeholders: any setting; `{time}` in milliseconds, `{seconds}`, `{stamp}` as 20261122093000, `{nonce}`,
    `{method}`, `{path}`, `{body}`, `{operation}`, `{sign}`, `{basic:user_setting:password_setting}`.
    """

    headers: dict[str, str] = Field(default={})  # SOAP: the parts of the header element
    element: str = ""  # SOAP: the header element they stand in
    sign: Sign | None = None
    token_path: str = ""  # OAuth 2.0 client credentials, with the settings client_id and client_secret
    scope: str = ""


class FileNames(Manifest):
    """Names of files: `{key}` stands for the parcel's key."""

    upload: str
    replies: tuple[str, ...]  # earliest first
    note: str = "备注"  # heading of the column that says which characters were replaced


class TableNames(Manifest):
    """Names of exchange tables, where they are not the usual ones."""

    reports: str = "EX_GDBS_SB"
    answers: str = "PRE_TRANSACT"


class Declared(Manifest):
    """A whole platform without a codec."""

    push: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Push] = Field(default={})
    find: Find | None = None
    collect: Collect | None = None
    lookup: Lookup | None = None
    tasks: Tasks | None = None
    check: Ask | None = None
    answer: AnswerShape = AnswerShape()
    errors: dict[str, Recovery] = Field(default={})  # their code -> what one does about it
    signing: Signing = Signing()
    times: str = "%Y-%m-%d %H:%M:%S"  # how their answers write times; "iso" with an offset
    wsdl: str = "service.wsdl"
    files: FileNames | None = None
    tables: TableNames = TableNames()
    items: tuple[str, ...] = ()  # codes they take; empty = whatever is sent there
    prefix: str = "SB"  # the pretend department's numbers begin with it
