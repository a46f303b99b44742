"""Adapters with one fault each: the contract finds it and names it. The platform they are made from has none."""

# ruff: noqa: E501 - one fault a line

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from waiting import PATIENCE

from workbench.scaffold.write import name_line, write_line
from workbench.testing import adapter_under_test
from workbench.testing.adapter_contract import ADAPTER_PROMISES
from workbench.testing.adapter_under_test import AdapterUnderTest, Department
from workbench.testing.promises import broken

#: A codec that is right in everything but what stands below it.
CODEC = '''"""A codec with one fault."""

import tomllib
from dataclasses import replace
from pathlib import Path

from adapters.declared import make_codec
from workbench.api import AdapterError, Outcome, Receipt, TryLater
from workbench.api.manifest import PlatformManifest

FOLDER = Path(__file__).parent
PLATFORM = PlatformManifest.model_validate(tomllib.loads((FOLDER / "platform.toml").read_text("utf-8")))
right = make_codec(PLATFORM, FOLDER)
globals().update({name: getattr(right, name) for name in dir(right) if not name.startswith("_")})
COUNT = iter(range(10**6))

'''
#: fault -> promises, words that name it, the wrong part of the codec.
WRONG = {
    "success by default": (
        "fault-canned_success", "success",
        "def decode_receipt(reply):\n    try:\n        return right.decode_receipt(reply)\n"
        "    except AdapterError:\n        return Receipt('accepted', 'OK', None, reply.body)",
    ),
    "busy taken for success": (
        "fault-error_in_200", "told as success",
        "def decode_receipt(reply):\n    try:\n        return right.decode_receipt(reply)\n"
        "    except TryLater:\n        return Receipt('queued')",
    ),
    "a new key for every attempt": (
        "twice-is-once", "not duplicate",
        "def encode(parcel):\n    return right.encode(replace(parcel, key=f'{parcel.key}{next(COUNT)}'))",
    ),
    "one key for all": (
        "two-are-two", "one number",
        "def encode(parcel):\n    return right.encode(replace(parcel, key='ALWAYS'))",
    ),
    "finds nothing": ("found", "does not find", "def decode_found(reply):\n    return None"),
    "finds everything": (
        "found", "nobody sent",
        "def decode_found(reply):\n    return right.decode_found(reply) or Receipt('accepted', 'X', None, b'x')",
    ),
    "new ids at every look": (
        "collected", "two different answers",
        "def decode_outcomes(reply):\n"
        "    return tuple(replace(o, message_id=f'm{next(COUNT)}') for o in right.decode_outcomes(reply))",
    ),
    "one id for all": (
        "collected", "same id",
        "def decode_outcomes(reply):\n    return tuple(replace(o, message_id='m') for o in right.decode_outcomes(reply))",
    ),
    "their own word is dropped": (
        "collected", "their own word",
        "def decode_outcomes(reply):\n    return tuple(replace(o, raw_status='') for o in right.decode_outcomes(reply))",
    ),
    "outcomes are passed over": ("collected", "never comes", "def decode_outcomes(reply):\n    return ()"),
    "a correction is granted": (
        "corrections", "read as 'granted'",
        "def decode_outcomes(reply):\n    return tuple(replace(o, status='granted') for o in right.decode_outcomes(reply))",
    ),
    "knows only GB2312": (
        "hostile-text", "UnicodeEncodeError",
        "def encode(parcel):\n    str(dict(parcel.values)).encode('gb2312')\n    return right.encode(parcel)",
    ),
    "insists on a telephone": (
        "absent-values", "KeyError",
        "def encode(parcel):\n    parcel.values['phone']\n    return right.encode(parcel)",
    ),
    "any operation is an application": (
        "unknown-operation", "not Refused",
        "def encode(parcel):\n    return right.encode(replace(parcel, operation='apply'))",
    ),
    "their answer is dropped": (
        "handed-over", "byte for byte",
        "def decode_receipt(reply):\n    return replace(right.decode_receipt(reply), proof=b'')",
    ),
    "times without a zone": (
        "handed-over", "no zone",
        "def decode_receipt(reply):\n    found = right.decode_receipt(reply)\n"
        "    return replace(found, at=found.at.replace(tzinfo=None))",
    ),
    "trusts the shape of answers": (
        "fault-wrong_shape", "nobody can recover from",
        "def decode_receipt(reply):\n    import json\n    json.loads(reply.body)['data']\n"
        "    return right.decode_receipt(reply)",
    ),
    "placeholders are times": (
        "reads-odd_dates", "1970",
        "def decode_receipt(reply):\n    from datetime import UTC, datetime\n"
        "    return replace(right.decode_receipt(reply), at=datetime(1970, 1, 2, tzinfo=UTC))",
    ),
    "residents in errors": (
        "fault-error_in_200 errors-nameless", "resident's data",
        "def encode(parcel):\n    encode.name = parcel.values['name']\n    return right.encode(parcel)\n\n\n"
        "def decode_receipt(reply):\n    try:\n        return right.decode_receipt(reply)\n"
        "    except TryLater:\n        raise TryLater(f'busy with {encode.name}') from None",
    ),
}  # fmt: skip
#: fault -> promise, words, a change of platform.toml.
WRONG_FILES = {
    "map names no field": ("checked", "birthdate", 'ours = "birth_date"', 'ours = "birthdate"'),
    "no code map": ("readable", "codes/id_types.csv is missing", 'codes = "id_type"', 'codes = "id_types"'),
    "unknown key": ("readable", "colour", 'way = "rest"', 'way = "rest"\ncolour = "red"'),
    "foreign surface": ("readable", "surface 3.0", 'api = "1.0"', 'api = "3.0"'),
    "claims what it cannot": ("checked", "lookup is promised", '"collect"]', '"collect", "lookup"]'),
    "claims what there is not": ("checked", "'fly'", '"collect"]', '"collect", "fly"]'),
    "sign-on refused is busy": ("fault-expired_credentials", "not NeedsCredentials", "401 = ", '401 = "try_later"\n402 = '),
    "no error is agreed": ("fault-error_in_200", "told as", '503 = "try_later"', '503 = "refused"'),
    "a duplicate is unknown": ("twice-is-once", "never agreed", 'again = ["409"]', 'again = ["408"]'),
}  # fmt: skip
COUNT = iter(range(1000))


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes need not be waited for."""
    monkeypatch.setattr(adapter_under_test, "ANSWERS_WITHIN", 2.0)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Department]]:
    """A platform without a fault, and its department, which all the wrong ones share."""
    folder = tmp_path_factory.mktemp("right") / "package"
    write_line(name_line("right_line", "ZZ", date(2026, 11, 22), "rest"), folder)
    platform = folder / "right_line" / "platforms" / "cases"
    test = AdapterUnderTest(platform, {}, "ZZ-001")
    department = test.department
    yield platform, department
    department.stop()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A platform of its own, that can be imported."""
    line = name_line(f"wrong_{next(COUNT)}_adapter", "ZZ", date(2026, 11, 22), "rest")
    write_line(line, tmp_path / "package")
    monkeypatch.syspath_prepend(tmp_path / "package")
    yield tmp_path / "package" / line.id / "platforms" / "cases"
    for name in [name for name in sys.modules if name.partition(".")[0] == line.id]:
        del sys.modules[name]


def judge(folder: Path, department: Department | None, promises: str) -> str:
    test = AdapterUnderTest(folder, {}, "ZZ-001")
    if department is not None:
        test.__dict__["department"] = department
        test.__dict__["settings"] = department.settings
    try:
        return str(broken(ADAPTER_PROMISES, test, promises.split()))
    finally:
        test.__dict__.pop("department", None)
        test.close()


@pytest.mark.parametrize("fault", WRONG)
def test_fault_of_a_codec_is_found_and_named(package: Path, right: tuple[Path, Department], fault: str) -> None:
    promises, words, wrong = WRONG[fault]
    (package / "codec.py").write_text(f"{CODEC}\n{wrong}\n", "utf-8")
    path = package / "platform.toml"
    module = f"{package.parents[1].name}.platforms.cases.codec"
    path.write_text(path.read_text("utf-8").replace("way =", f'codec = "{module}"\nway =', 1), "utf-8")

    assert words in judge(package, right[1], promises)


@pytest.mark.parametrize("fault", WRONG_FILES)
def test_fault_of_a_file_is_found_and_named(package: Path, right: tuple[Path, Department], fault: str) -> None:
    promise, words, old, new = WRONG_FILES[fault]
    path = package / "platform.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    # The department stays right: only our side is wrong.
    assert words in judge(package, right[1], promise)


def test_platform_without_a_fault_keeps_everything(
    right: tuple[Path, Department], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter_under_test, "ANSWERS_WITHIN", PATIENCE)
    only = [name for name in ADAPTER_PROMISES if name not in ("fault-drip_ms", "fault-slow_ms", "after-late_ms")]
    assert judge(right[0], right[1], " ".join(only)) == "{}"
