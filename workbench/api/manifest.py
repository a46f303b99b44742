"""The models of the files that say what exists: line.toml, items/*.toml, platform.toml.

Unknown keys are errors, so that a misspelt key is found at load. Days are working
days unless `days_unit` says "day"; amounts of money are fen where typed as numbers.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .declared import Declared
from .shape import Manifest as Manifest

Mark = Literal["sourced", "typical"]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Way = Literal["rest", "soap", "sftp", "exchange_db", "web_form", "rekey"]
StepActor = Literal["applicant", "worker", "reviewer", "policy", "approver", "department"]
StepKind = Literal["step", "publicity", "home_visit", "assessment", "cross_check"]
FieldType = Literal[
    "text", "code", "date", "datetime", "month", "year", "number", "money", "bool", "phone", "id_no",
    "address", "bank", "signature", "image", "table", "multi", "range", "derived",
]  # fmt: skip


class Contact(Manifest):
    """Who owns a line or platform and answers when it is sick."""

    name: str
    email: str = ""
    phone: str = ""


class MenuEntry(Manifest):
    title_zh: str
    title_en: str
    path: str
    permission: str = "see"


class JobEntry(Manifest):
    """A function of the line, "module:function", that a worker process calls with `hub` wherever the line is open."""

    name: Identifier
    function: str
    every_seconds: int = Field(ge=60)


class Setting(Manifest):
    """One setting of a platform, or of a line at a hub, drawn as a form field on its admin page."""

    key: Identifier
    type: Literal["text", "url", "number", "bool", "choice", "secret", "file"]
    label_zh: str
    label_en: str
    help_zh: str = ""
    help_en: str = ""
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()


class LineManifest(Manifest):
    """line.toml: one line as its department ships it."""

    id: Identifier
    name_zh: str
    name_en: str
    department: str
    department_en: str = ""
    code_prefix: str
    icon: str = ""
    owner: Contact
    api: str
    version: str
    hooks: str = ""  # dotted module with hook implementations
    blueprint: str = ""  # "module:attribute" of a Flask blueprint
    models: str = ""  # dotted module with tables named line_<id>_*
    migrations: str = ""  # folder below the line
    rules: str = ""  # dotted module with named rule functions
    permissions: dict[str, list[str]] = Field(default={})  # permission -> roles that hold it by default
    menu: tuple[MenuEntry, ...] = ()
    jobs: tuple[JobEntry, ...] = ()
    #: What a hub may set for this line; what it does not set, it inherits from the hub above it.
    settings: tuple[Setting, ...] = ()


class ItemField(Manifest):
    """One field of an item's form. Either `fact` points at the shared dictionary or `own` says why not."""

    key: Identifier
    label: str = ""
    label_en: str = ""
    type: FieldType | None = None
    required: bool = False
    fact: str = ""
    own: str = ""
    codes: str = ""  # code table
    options: tuple[str, ...] = ()  # "value|中文|English" where no code table exists
    columns: tuple["ItemField", ...] = ()  # of a table
    when: str = ""  # rule expression: asked only when not false
    standard: str = ""
    note: str = ""
    note_en: str = ""


class ItemMaterial(Manifest):
    """One material: what the applicant shows or leaves, and how it can be spared."""

    key: Identifier
    name: str
    name_en: str
    form: Literal["original", "copy", "both", "form", "photo", "electronic"]
    originals: int = 0
    copies: int = 0
    required: bool = True
    waivable_by: str = ""  # who holds the same fact (免交)
    waived_by_fact: str = ""  # fact key that, held and fresh from a department, waives it
    when: str = ""
    may_be_late: bool = False  # 容缺受理
    may_be_promised: bool = False  # 告知承诺
    note: str = ""


class StepDelivery(Manifest):
    """What is sent, and where to, once the step is completed."""

    platform: str
    operation: str = "apply"


class ItemStep(Manifest):
    """One step of the handling, in order. `by` is who may complete it; `actor` is the body as the source names it."""

    key: Identifier
    name: str
    name_en: str
    actor: str
    by: StepActor
    days: int | None = None
    unit: Literal["workday", "day"] = "workday"
    four_eyes: bool = False
    note: str = ""
    deliveries: tuple[StepDelivery, ...] = ()
    #: What kind of work it is: a posting that has to hang its days, a visit by two, somebody else's assessment.
    kind: StepKind = "step"
    #: Stops the case's clock while it is open (特别程序, e.g. an assessment by a third party).
    pauses: bool = False
    #: The line whose people take this step, where it is not the item's own (cross-line check).
    line: str = ""


class Source(Manifest):
    url: str
    place: str = ""
    kind: str = ""
    supports: str = ""
    date: str = ""


MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Window(Manifest):
    """A season in which an item may be applied for, first and last day as month-day; it may span the new year."""

    opens: MonthDay
    closes: MonthDay


class MonthlyBatch(Manifest):
    """Days of the month on which a batch is cut off, reported and decided; a smaller number means the next month."""

    apply_by: int = Field(ge=1, le=28)
    report_by: int = Field(ge=1, le=28)
    decide_by: int = Field(ge=1, le=28)


class Recheck(Manifest):
    """What was granted is looked at again every so many months; the immobile are visited."""

    every_months: int = Field(ge=1, le=36)
    visit: bool = False


class Automatic(Manifest):
    """Granted from data without an application (免申即享): a list a month, of whom a worker confirms the exceptions."""

    by_day: int = Field(ge=1, le=28)


class Retention(Manifest):
    """How long a case of this item is kept after it ended; 0 = for good. A rule that was read names itself."""

    years: int = Field(ge=0, le=200)
    basis: str = ""  # the archive rule, where one was read
    confidence: Mark = "typical"

    @model_validator(mode="after")
    def _name_the_rule(self) -> "Retention":
        if self.confidence == "sourced" and not self.basis:
            raise ValueError("a sourced term names its rule in `basis`")
        return self


class Consequence(Manifest):
    """What a granted case sets off elsewhere: proposed to a worker, never done by itself."""

    item: Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{3}$")]
    kind: Literal["stop", "apply", "check"]
    when: str = ""  # rule expression: proposed unless it is false
    note: str = ""
    note_en: str = ""


class ItemManifest(Manifest):
    """items/<code>.toml: one service item, for one division and one version."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{2,4}-\d{3}$")]
    version: str
    division: str = "*"  # "*" = wherever no division of its own overrides it
    valid_from: date
    valid_to: date | None = None
    #: "name": only its name is known; it is taken in and forwarded, and says nothing of conditions or days.
    depth: Literal["deep", "name"] = "deep"
    title_zh: str
    title_en: str
    aliases: tuple[str, ...] = ()
    base_code: str = ""
    implementation_code: str = Field(default="", max_length=36)
    department: str
    category: str = ""
    item_type: str = ""
    case_type: str = ""
    accepting_level: str = ""
    deciding_level: str = ""
    status: Literal["in_force", "superseded"] = "in_force"
    legal_basis: tuple[str, ...] = ()
    purpose: str = ""  # why personal data is asked for, shown and audited
    applicant_conditions: str = ""
    applicant_conditions_en: str = ""
    rules: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    field_groups: tuple[str, ...] = ()
    fields: tuple[ItemField, ...] = ()
    materials: tuple[ItemMaterial, ...] = ()
    steps: tuple[ItemStep, ...]
    statutory_days: int | None = None
    promised_days: int | None = None
    days_unit: Literal["workday", "day"] = "workday"
    days_note: str = ""
    publicity_days: int | None = None
    result: str = ""
    result_en: str = ""
    amount: str = ""
    fee: str = ""
    application_window: str = ""
    #: When it may be applied for; none = always.
    windows: tuple[Window, ...] = ()
    batch: MonthlyBatch | None = None
    recheck: Recheck | None = None
    automatic: Automatic | None = None
    #: Whoever meets the rules and has not applied is looked for at night; by default where it pays (item_type 05).
    sought: bool | None = None
    #: Goes on once granted (an allowance): proposed to be stopped when the resident died, left, or fails the rules.
    ongoing: bool = False
    consequences: tuple[Consequence, ...] = ()
    #: Accepted anywhere within this and decided at the resident's home (收受分离).
    anywhere: Literal["", "city", "province", "country"] = ""
    #: Working days a resident has to answer a correction.
    correction_days: int | None = None
    #: How long its cases are kept; without it, as long as the place says.
    retention: Retention | None = None
    remedy: str = ""  # how to appeal a refusal, where the usual words do not fit
    note: str = ""
    confidence: Mark
    sourced_aspects: tuple[str, ...] = ()
    typical_aspects: tuple[str, ...] = ()
    source_url: str = ""
    sources: tuple[Source, ...] = ()

    @cached_property
    def platform_ids(self) -> frozenset[str]:
        """The platforms it is delivered to, at whatever step."""
        return frozenset(delivery.platform for step in self.steps for delivery in step.deliveries)


class Schedule(Manifest):
    """How often the worker process looks, in seconds; `batch_seconds` for platforms that take files."""

    collect_seconds: int = 30
    check_seconds: int = 60
    batch_seconds: int = 0


class Limits(Manifest):
    timeout_seconds: float = 10.0
    lookup_seconds: float = 2.0
    in_flight: int = 4
    per_minute: int = 0  # 0 = no limit
    #: Within so many seconds a platform has entered what it was slow to answer. One that is only asked before a
    #: repeat (`repeat = "find"`) is asked after that, or it would enter both.
    settles_seconds: float = 60.0


class RekeyField(Manifest):
    """One field in the order of the target screen."""

    fact: str  # key in parcel.values
    label_zh: str
    label_en: str = ""
    page: str = ""  # which screen of theirs
    codes: str = ""  # code map of the platform, by file name in codes/
    required: bool = False  # of a declared platform: without it the screen cannot be completed


class PlatformManifest(Manifest):
    """platform.toml: one system of a department."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    line: Identifier
    name_zh: str
    name_en: str
    department: str
    way: Way
    api: str
    owner: Contact
    confidence: Mark
    source: str = ""
    capabilities: tuple[str, ...]
    operations: tuple[str, ...] = ("apply",)
    #: How sending the same parcel again is harmless.
    repeat: Literal["key", "find", "natural", "file-name", "row-key", "person-decides"]
    #: Parcels of one lane go in order; "none" where the platform does not mind.
    order: Literal["case", "person", "none"] = "case"
    codec: str = ""  # dotted module with the pure translation
    sandbox: str = ""  # dotted module with serve(home): the pretend department
    charset: str = "utf-8"
    #: What is done with characters the charset lacks; always shown to the worker.
    rare_characters: Literal["keep", "pinyin", "refuse"] = "keep"
    advice_zh: str = ""  # shown when it is down
    advice_en: str = ""
    lookups: tuple[str, ...] = ()  # fact keys it can answer
    settings: tuple[Setting, ...] = ()
    schedule: Schedule = Schedule()
    limits: Limits = Limits()
    rekey_fields: tuple[RekeyField, ...] = ()
    rekey_result: str = ""  # label of their number on their screen
    declared: Declared | None = None  # the platform said in a table, instead of codec and sandbox
