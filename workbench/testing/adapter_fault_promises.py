"""What every adapter promises on a bad day: each fault is told by how one recovers, and nothing is lost or doubled."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..api import (
    AdapterError,
    BrokenPromise,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from .adapter_under_test import AdapterUnderTest
from .promises import Promise, insist

Errors = tuple[type[AdapterError], ...]
#: Longer than an impatient adapter waits.
IMPATIENT, LONGER = 0.6, 1400
#: The answer is away before anything was taken, or nobody can tell.
LOST: Errors = (TryLater, OutcomeUnknown)
NONSENSE: Errors = (BrokenPromise, OutcomeUnknown)
#: Switch -> how it is set, and what it may be told as.
FAULTS: Mapping[str, tuple[Any, Errors]] = {
    "down": (True, (TryLater,)),
    "slow_ms": (LONGER, LOST),
    "drip_ms": (40, LOST),
    "http_500": (True, (*LOST, BrokenPromise)),
    "error_in_200": (True, (TryLater, BrokenPromise)),
    "garbage": (True, NONSENSE),
    "wrong_shape": (True, NONSENSE),
    "huge_answer": (True, NONSENSE),
    "sign_in_page": (True, (*NONSENSE, NeedsCredentials)),
    "redirect": ("http://127.0.0.2:9/", NONSENSE),
    "expired_credentials": (True, (NeedsCredentials,)),
    "clock_skew_seconds": (900, (NeedsCredentials,)),
    "wrong_host_key": (True, (NeedsSettings,)),
    "disk_full": (True, (TryLater,)),
    "locked": (True, (TryLater,)),
    "soap_fault": (True, (*LOST, BrokenPromise)),
    "unknown_code": (True, (BrokenPromise,)),
    "canned_success": (True, (BrokenPromise,)),
    "no_number": (True, (BrokenPromise,)),
    "wrong_type": (True, (BrokenPromise,)),
}
#: The matter is in the books, and the answer is lost on the way back.
AFTER: Mapping[str, Any] = {
    "lose_answer": True, "http_500_after_taking": True, "late_ms": LONGER, "fault_after_taking": True,
}  # fmt: skip
#: The answer may be read or refused as nonsense, never half understood.
EITHER: Mapping[str, Any] = {"gb18030": True, "huge_text": True, "odd_dates": True, "gbk": True}
#: Where replies travel by themselves, these spoil the reply and not the message.
SPOIL_REPLIES = {"sftp": {"garbage", "unknown_code"}, "exchange_db": {"garbage"}}
PATIENT = {"drip_ms", "slow_ms", "late_ms", "down", "locked"}


def _applies(test: AdapterUnderTest, name: str) -> bool:
    way = test.manifest.way
    if way == "rekey":
        return False  # nothing is sent; a person meets the faults of the screen
    if name == "down" and way == "exchange_db":
        return "sqlite" in str(test.settings.get("database_url", ""))
    if name == "wrong_type" and way == "soap":
        return False  # XML has no lists: a repeated element is one
    if name == "clock_skew_seconds" and test.manifest.declared:
        return any("{time}" in text or "{seconds}" in text for text in test.manifest.declared.signing.headers.values())
    return name in test.faults and name not in SPOIL_REPLIES.get(way, ())


def tell_by_recovery(name: str, test: AdapterUnderTest) -> None:
    """A fault is told by how one recovers from it, and never taken for success."""
    if not _applies(test, name):
        return
    value, errors = FAULTS[name]
    limits = {"timeout_seconds": IMPATIENT} if name in PATIENT else {}
    said: list[AdapterError | None] = []
    adapter = test.open(None, **limits)
    if not test.follows_slowly and name != "expired_credentials":
        adapter.check()  # signs on first, so that the fault strikes the message and not the sign-on

    def tell() -> bool:
        used = test.open(None, **limits) if test.follows_slowly else adapter
        said.append(test.error(lambda: used.push(test.parcel())))
        return isinstance(said[-1], errors)

    with test.suffering(**{name: value}):
        if not tell() and test.follows_slowly:
            test.look_again(tell)
    told, wanted = type(said[-1]).__name__ if said[-1] else "success", " or ".join(kind.__name__ for kind in errors)
    insist(isinstance(said[-1], errors), f"the fault {name!r} is told as {told}, not {wanted}")


def lose_nothing(name: str, test: AdapterUnderTest) -> None:
    """Taken there and lost on the way back: it is found or left to a person, and never entered twice."""
    if not _applies(test, name):
        return
    parcel = test.parcel()
    adapter = test.open(None, **({"timeout_seconds": IMPATIENT} if name in PATIENT else {}))
    if not test.follows_slowly:
        adapter.check()
    with test.suffering(**{name: AFTER[name]}):
        error = test.error(lambda: adapter.push(parcel))
    if error is None and test.manifest.way in ("sftp", "exchange_db"):
        return  # the message was whole before the line went dead
    insist(isinstance(error, LOST), f"the fault {name!r} is told as {type(error).__name__ if error else 'success'}")
    if test.manifest.repeat == "person-decides":
        insist(isinstance(error, OutcomeUnknown), f"{name}: nobody can be asked there, so a person has to decide")
        return
    insist(isinstance(error, TryLater), f"{name}: sending again is harmless there, so it is TryLater")
    if test.can("find"):
        found = test.wait_for(lambda: test.open().find(parcel.key), f"{name}: what was taken is not found")
        insist(found.reference or found.state == "queued", f"{name}: what was found has no number")
    test.open().push(parcel)
    insist(test.department.entries(parcel.key) <= 1, f"{name}: sent again, the department has it twice")


def read_or_say_so(name: str, test: AdapterUnderTest) -> None:
    """An answer in an odd spelling is read rightly or called a broken promise."""
    if not _applies(test, name):
        return
    parcel = test.parcel()
    with test.suffering(**{name: EITHER[name]}):
        said: list[Any] = []
        error = test.error(lambda: said.append(test.open().push(parcel)))
    insist(error is None or isinstance(error, (BrokenPromise, Refused)), f"{name}: told as {type(error).__name__}")
    if said and name == "odd_dates":
        at = said[0].at
        insist(at is None or at.year >= 2000, f"{name}: a placeholder is taken for a time ({at})")
    if said and said[0].reference and test.can("find"):
        found = test.open().find(parcel.key)
        insist(found is not None and found.reference == said[0].reference, f"{name}: their number was read wrongly")


def complain_of_spoilt_replies(test: AdapterUnderTest) -> None:
    """A reply that cannot be read is complained of, and is no decision."""
    if test.manifest.way not in SPOIL_REPLIES or not test.can("collect"):
        return
    adapter, parcel, said = test.open(), test.parcel(), list[AdapterError | None]()
    cursor = adapter.collect("").cursor

    def look() -> None:
        nonlocal cursor
        batch = adapter.collect(cursor)
        cursor = batch.cursor
        wrong = [o for o in batch.outcomes if o.key == parcel.key and o.status not in ("accepted", "progress")]
        insist(not wrong, "garbage is read as a decision")

    with test.suffering(garbage=True):
        adapter.push(parcel)
        silence = "a reply that cannot be read is passed over in silence"
        said.append(test.wait_for(lambda: test.error(look), silence))
    insist(isinstance(said[-1], BrokenPromise), f"a reply that cannot be read is {type(said[-1]).__name__}")


def bring_late_answers(test: AdapterUnderTest) -> None:
    """What is decided late comes with a later collect, from the cursor where one stood."""
    if not test.can("collect") or "no_result" not in test.faults:
        return
    with test.suffering(no_result=True):
        parcel = test.parcel()
        test.adapter.push(parcel)
        cursor = test.adapter.collect("").cursor

    def look() -> bool:
        nonlocal cursor
        batch = test.adapter.collect(cursor)
        cursor = batch.cursor
        return any(o.key == parcel.key and o.status in ("granted", "refused") for o in batch.outcomes)

    test.wait_for(look, "a late decision never comes")


def carry_a_correction(test: AdapterUnderTest) -> None:
    """A correction comes with the department's words."""
    if not test.can("collect") or test.manifest.way == "web_form":
        return
    parcel = test.parcel()
    with test.suffering(correction=[parcel.case_no]):
        test.adapter.push(parcel)
        found = test.wait_for(
            lambda: [o for o in test.outcomes(parcel.key) if o.status in ("correction", "granted", "refused")],
            "a correction never comes",
        )
    insist(found[-1].status == "correction", f"a correction is read as {found[-1].status!r}")
    insist(found[-1].text, "a correction has no words")


def renew_what_was_lent(test: AdapterUnderTest) -> None:
    """A token that ended is renewed once, by itself."""
    if "rotate_secret" not in test.faults or (test.manifest.declared and not test.manifest.declared.signing.token_path):
        return
    test.adapter.push(test.parcel())
    with test.suffering(rotate_secret=1):
        error = test.error(lambda: test.adapter.push(test.parcel()))
    insist(error is None, f"a token that ended is not renewed: {type(error).__name__}")


def name_nobody_in_errors(test: AdapterUnderTest) -> None:
    """No error holds a name or a number of a resident: errors are logged and shown on boards."""
    for error in test.errors:
        if not isinstance(error, Refused):
            for word in ("测试甲", "990101195003071239", "19900000001"):
                insist(word not in error.text, f"{type(error).__name__} holds a resident's data: {error.text[:100]}")


FAULT_PROMISES: Mapping[str, Promise] = {
    **{f"fault-{name}": partial(tell_by_recovery, name) for name in FAULTS},
    **{f"after-{name}": partial(lose_nothing, name) for name in AFTER},
    **{f"reads-{name}": partial(read_or_say_so, name) for name in EITHER},
    "late-answers": bring_late_answers,
    "corrections": carry_a_correction,
    "tokens-renewed": renew_what_was_lent,
    # Last: a reply that was spoilt stays in the folder.
    "spoilt-replies": complain_of_spoilt_replies,
    "errors-nameless": name_nobody_in_errors,
}
