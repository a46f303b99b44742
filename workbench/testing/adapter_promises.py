"""What every adapter promises on a good day: files, life of a parcel, text of any kind."""

import json
from collections.abc import Mapping
from dataclasses import replace

from ..api import NeedsSettings, OutcomeUnknown, Question, Receipt, Refused
from ..checks import check_folder
from .adapter_under_test import AdapterUnderTest, capability_names, parcel_in
from .department import Assigned, DepartmentHome
from .promises import HOSTILE, Promise, insist

UNKNOWN_KEY = "01JDKIT000000000000NOTHERE"
STATES = ("accepted", "queued", "duplicate", "handed-over")
#: What must be possible to rehearse, by way.
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "rest": ("down", "slow_ms", "drip_ms", "late_ms", "http_500", "http_500_after_taking", "lose_answer", "garbage",
             "wrong_shape", "huge_answer", "gb18030", "sign_in_page", "error_in_200", "expired_credentials"),
    "soap": ("down", "slow_ms", "drip_ms", "late_ms", "http_500", "http_500_after_taking", "lose_answer", "garbage",
             "huge_answer", "gb18030", "error_in_200", "expired_credentials"),
    "web_form": ("down", "slow_ms", "http_500", "garbage", "sign_in_page", "lose_answer", "expired_credentials"),
    "sftp": ("down", "slow_ms", "disk_full", "lose_answer", "expired_credentials", "wrong_host_key", "garbage"),
    "exchange_db": ("down", "locked", "never_taken", "odd_dates", "half_row", "garbage"),
    "rekey": ("down",),
}  # fmt: skip


def be_readable(test: AdapterUnderTest) -> None:
    """platform.toml can be read and fits this workbench."""
    insist(test.platform.state == "ready", test.platform.reason)


def pass_the_check(test: AdapterUnderTest) -> None:
    """`workbench check` finds nothing."""
    found = check_folder(test.folder).findings
    insist(not found, "\n".join(f"{one.file}:{one.line}: {one.rule}: {one.text} ({one.hint})" for one in found))


def have_a_department(test: AdapterUnderTest) -> None:
    """There is a pretend department, and every fault of its way can be rehearsed on it."""
    missing = [name for name in SWITCHES[test.manifest.way] if name not in _switches(test)]
    insist(not missing, f"its pretend department has no switch {', '.join(missing)}")


def _switches(test: AdapterUnderTest) -> Mapping[str, str]:
    # Programs without an interface take their switches from the program they are made of.
    return test.faults or {"down": ""}


def tell_the_truth_about_capabilities(test: AdapterUnderTest) -> None:
    """It claims what there is, and the adapter offers exactly what platform.toml claims."""
    claimed = frozenset(test.manifest.capabilities)
    insist(claimed <= capability_names(), f"claims {', '.join(sorted(claimed - capability_names()))}")
    offered = frozenset(str(one) for one in test.adapter.capabilities)
    insist(offered == claimed, f"platform.toml claims {sorted(claimed)}, the adapter offers {sorted(offered)}")


def say_when_settings_are_missing(test: AdapterUnderTest) -> None:
    """Without settings it is unconfigured, and says so in place of sending."""
    if not any(setting.required for setting in test.manifest.settings):
        return  # on paper, say, there is nothing to set
    bare = test.open({})
    health = bare.check()
    insist(health.state == "unconfigured", f"without any setting its health is {health.state!r}, not unconfigured")
    error = test.error(lambda: bare.push(test.parcel()))
    insist(isinstance(error, NeedsSettings), f"without any setting push gives {error!r}, not NeedsSettings")


def be_up(test: AdapterUnderTest) -> None:
    """A healthy department is up."""
    health = test.adapter.check()
    insist(health.state == "up", f"a healthy department is {health.state!r}: {health.detail}")
    insist(health.at is not None, "its health has no time")


def hand_over(test: AdapterUnderTest) -> None:
    """A parcel is taken: with their number and their answer, or queued, or handed to a person."""
    parcel = test.parcel()
    receipt = test.adapter.push(parcel)
    _judge_receipt(receipt)
    insist(receipt.state != "duplicate", "a parcel nobody sent before is a duplicate")
    if not test.at_staging and receipt.state == "accepted":
        insist(test.department.entries(parcel.key) == 1, "it says accepted, and the department's ledger has no entry")


def _judge_receipt(receipt: Receipt) -> None:
    insist(receipt.state in STATES, f"there is no state {receipt.state!r}")
    numbered = receipt.state in ("accepted", "duplicate")
    insist(not numbered or receipt.reference, f"{receipt.state}, without their number: success by default")
    insist(not numbered or receipt.proof, f"{receipt.state}, without their answer byte for byte")
    insist(receipt.at is None or receipt.at.utcoffset() is not None, "the time of the receipt has no zone")


def make_one_entry_of_two(test: AdapterUnderTest) -> None:
    """The same parcel twice is one matter there, with one number."""
    parcel = test.parcel()
    first, second = test.adapter.push(parcel), test.adapter.push(parcel)
    if "handed-over" in (first.state, second.state):
        return
    insist(second.state in ("duplicate", "queued"), f"sent twice, the second time is {second.state!r}, not duplicate")
    insist(not first.reference or first.reference == second.reference, "sent twice, it has two numbers")
    if not test.at_staging:
        test.wait_for(lambda: test.department.entries(parcel.key), "the department never took the parcel")
        insist(test.department.entries(parcel.key) == 1, "sent twice, the department has it twice")


def keep_two_apart(test: AdapterUnderTest) -> None:
    """Two parcels are two matters."""
    first, second = test.adapter.push(test.parcel()), test.adapter.push(test.parcel())
    insist(not first.reference or first.reference != second.reference, "two parcels have one number")


def find_what_arrived(test: AdapterUnderTest) -> None:
    """It finds what arrived, and says plainly what did not."""
    if not test.can("find"):
        error = test.error(lambda: test.adapter.find(UNKNOWN_KEY)) if test.manifest.way == "rekey" else None
        insist(error is None or isinstance(error, OutcomeUnknown), f"find gives {error!r} where nobody can be asked")
        return
    insist(test.adapter.find(UNKNOWN_KEY) is None, "it finds a parcel nobody sent")
    parcel = test.parcel()
    receipt = test.adapter.push(parcel)
    found = test.adapter.find(parcel.key)
    insist(found is not None, "it does not find the parcel it just sent")
    _judge_receipt(found)
    insist(not receipt.reference or found.reference == receipt.reference, "find gives another number than push")


def collect_at_least_once(test: AdapterUnderTest) -> None:
    """The decision comes; the same cursor gives the same answer; every message has an id of its own."""
    if not test.can("collect"):
        return
    parcel = test.parcel()
    test.adapter.push(parcel)
    last = test.wait_for(
        lambda: [o for o in test.outcomes(parcel.key) if o.status in ("granted", "refused", "correction")],
        "the decision never comes",
    )[-1]
    insist(last.message_id, "an outcome has no message id")
    insist(last.raw_status, "an outcome does not keep their own word for its state")
    insist(last.at is None or last.at.utcoffset() is not None, "the time of an outcome has no zone")
    first, again = test.adapter.collect(""), test.adapter.collect("")
    insist(first.outcomes == again.outcomes[: len(first.outcomes)], "the same cursor gives two different answers")
    ids = [outcome.message_id for outcome in first.outcomes]
    insist(len(ids) == len(set(ids)), "two messages of one batch have the same id")
    insist(not first.outcomes or first.cursor, "it brought outcomes and gives no cursor")


def bring_tasks_in_order(test: AdapterUnderTest) -> None:
    """Tasks come in order after a cursor, the same cursor gives the same answer, each has a reference of its own."""
    if not test.can("tasks"):
        return
    if not test.at_staging:
        home = DepartmentHome(test.department.folder, test.manifest.id)
        for number in (1, 2):
            home.assign(Assigned(f"KIT-TASK-{number}", "hub01", "review", "合同测试"))
    found, cursor = [], ""
    while some := test.adapter.tasks(cursor):
        insist(some == test.adapter.tasks(cursor), "the same cursor gives two different answers")
        found += [task.reference for task in some]
        following = some[-1].cursor or some[-1].reference
        insist(following != cursor, "the last task leads back to where it was asked from")
        cursor = following
    insist(all(found) and len(found) == len(set(found)), "a task has no reference, or comes twice")
    insist(test.at_staging or "KIT-TASK-2" in found, "a task the department assigned never comes")


def take_hostile_text(test: AdapterUnderTest) -> None:
    """Whatever is typed is carried, or refused in words; it never breaks anything."""
    for name, text in HOSTILE.items():
        parcel = test.parcel(residence_address=text, name="测试甲")
        error = test.error(lambda parcel=parcel: test.adapter.push(parcel))  # type: ignore[misc]
        insist(error is None or isinstance(error, Refused), f"the text “{name}” gives {type(error).__name__}")


def say_what_it_lacks(test: AdapterUnderTest) -> None:
    """A value that is absent is left out or refused beside its field."""
    parcel = test.parcel()
    for key in ("phone", "sex", "hukou_address", "residence_address", "birth_date"):
        values = {name: value for name, value in parcel.values.items() if name != key}
        fresh = replace(test.parcel(), values=values)
        error = test.error(lambda fresh=fresh: test.adapter.push(fresh))  # type: ignore[misc]
        insist(error is None or isinstance(error, Refused), f"without {key!r} it gives {type(error).__name__}")


def refuse_what_it_does_not_do(test: AdapterUnderTest) -> None:
    """An operation it does not know is refused, never sent as another."""
    if len(test.manifest.operations) == 1 and test.manifest.way in ("rekey", "web_form", "sftp", "exchange_db"):
        return  # one screen, one file, one table: there is nothing to choose
    error = test.error(lambda: test.adapter.push(replace(test.parcel(), operation="no_such_operation")))
    insist(isinstance(error, Refused), f"an unknown operation gives {type(error).__name__}, not Refused")


def answer_about_nobody(test: AdapterUnderTest) -> None:
    """A person it does not know has no answers."""
    if test.can("lookup"):
        question = Question("查无此人", "000000000000000000"[:9], test.manifest.lookups, "合同测试")
        insist(test.adapter.lookup(question) == (), "it answers about a person who is not there")


def close_twice(test: AdapterUnderTest) -> None:
    """Closing is safe twice, and before anything was opened."""
    for adapter in (test.open(), test.open()):
        adapter.close()
        adapter.close()
    used = test.open()
    used.check()
    used.close()
    used.close()


def keep_to_its_samples(test: AdapterUnderTest) -> None:
    """Every recorded sample can still be said; a codec without samples says so."""
    samples = sorted((test.folder / "samples").glob("*.json"))
    if not samples:
        insist(test.manifest.declared is not None, "samples/ is empty; record what was said and heard")
        return
    for path in samples:
        content = json.loads(path.read_text("utf-8"))
        if isinstance(content, dict) and "accepted_at" in content.get("parcel", content):
            parcel = replace(parcel_in(path), key=test.parcel().key, case_no=test.parcel().case_no)
            if parcel.operation == test.manifest.operations[0]:
                error = test.error(lambda parcel=parcel: test.adapter.push(parcel))  # type: ignore[misc]
                insist(error is None or isinstance(error, Refused), f"{path.name} gives {type(error).__name__}")


LIFE_PROMISES: Mapping[str, Promise] = {
    "readable": be_readable,
    "checked": pass_the_check,
    "department": have_a_department,
    "capabilities-true": tell_the_truth_about_capabilities,
    "settings-missing": say_when_settings_are_missing,
    "up": be_up,
    "handed-over": hand_over,
    "twice-is-once": make_one_entry_of_two,
    "two-are-two": keep_two_apart,
    "found": find_what_arrived,
    "collected": collect_at_least_once,
    "tasks-in-order": bring_tasks_in_order,
    "hostile-text": take_hostile_text,
    "absent-values": say_what_it_lacks,
    "unknown-operation": refuse_what_it_does_not_do,
    "nobody": answer_about_nobody,
    "closed-twice": close_twice,
    "samples": keep_to_its_samples,
}
