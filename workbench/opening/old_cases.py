"""Reads the old cases of a line with another version of it: what they were asked must stay asked, what checks them
must not fail on them.

A case keeps the form it was accepted under for ever. What is looked for is a form in force that was changed in its
place, so that cases under way hold answers nothing asks for any more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import ValidationError
from sqlmodel import Session, col, func, select

from ..api.manifest import ItemManifest
from ..api.nouns import Case, Hub, Person, Worker
from ..cases.frozen_form import frozen_form
from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..cases.tell_line import case_view
from ..catalogue.form import FormField, form_of
from ..catalogue.items import Catalogue, Item
from ..catalogue.models import ItemEditionRow, ItemVersionRow
from ..delivery.models import PayloadRow
from ..host.call import Caller
from ..host.discover import Line

#: Cases of each frozen item that are read with the new version, the newest of them.
READ = 50
#: Open cases of each changed item whose answers are looked at.
COUNTED = 20_000


@dataclass(frozen=True)
class Finding:
    """What a trial found: `stop` refuses the version, `tell` is only said."""

    level: Literal["stop", "tell"]
    file: str
    zh: str
    en: str
    do_zh: str
    do_en: str

    def said(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return asdict(self)


@dataclass
class OldCases:
    """What was found, and how many cases were read."""

    findings: list[Finding]
    cases: int = 0


def read_old_cases(session: Session, line: Line, known: Catalogue) -> OldCases:
    """Read the frozen old cases of a line with `line`, which need not be in use, and its items."""
    done, under_way = OldCases([]), _count_open(session, line.id)
    corrected = _corrections(session, line.id)
    done.findings += [_hidden(row) for row in corrected if row.state == "published" and _is_changed(row, known)]
    own = {row.digest for row in corrected}  # those go on whatever the line ships
    for kept in session.exec(select(ItemVersionRow).where(ItemVersionRow.line_id == line.id)).all():
        try:
            item = ItemManifest.model_validate(kept.content)
        except ValidationError as error:
            done.findings.append(_unreadable(kept, error))
            continue
        if kept.digest not in own:
            done.findings += _compare(session, kept, item, known, under_way[kept.digest])
        _read(session, line, kept, item, done)
    return done


def _count_open(session: Session, line_id: str) -> Counter[str]:
    query = select(CaseRow.item_digest, func.count()).where(CaseRow.line_id == line_id)
    query = query.where(col(CaseRow.state).in_(OPEN_STATES)).group_by(col(CaseRow.item_digest))
    return Counter(dict(session.exec(query).all()))


def _corrections(session: Session, line_id: str) -> list[ItemEditionRow]:
    return list(session.exec(select(ItemEditionRow).where(ItemEditionRow.line_id == line_id)).all())


def _is_changed(row: ItemEditionRow, known: Catalogue) -> bool:
    return row.base_digest not in known.by_digest


def _hidden(row: ItemEditionRow) -> Finding:
    return Finding(
        "tell", f"items/{row.code}.toml",
        f"{row.code} 在区划 {row.division} 有已发布的修订（第 {row.number} 次），所依据的文件有变化；修订仍然有效。",
        f"{row.code} has a published correction for {row.division} (number {row.number}), and the file it corrects "
        "has changed; the correction goes on.",
        "请看修订是否仍需要。", "See whether the correction is still wanted.",
    )  # fmt: skip


def _unreadable(kept: ItemVersionRow, error: ValidationError) -> Finding:
    where = ".".join(map(str, error.errors()[0]["loc"]))
    return Finding(
        "stop", f"{kept.code} {kept.version}",
        f"旧办件的表单读不出：{where}", f"The form of its old cases cannot be read: {where}",
        "请工作台的维护者处理。", "Ask whoever maintains the workbench.",
    )  # fmt: skip


def _compare(
    session: Session, kept: ItemVersionRow, item: ItemManifest, known: Catalogue, under_way: int
) -> Iterator[Finding]:
    """Compare the item of cases under way with the one that takes its place."""
    if not under_way or kept.digest in known.by_digest:
        return
    same_place = [one for one in known.by_code.get(kept.code, ()) if one.manifest.division == kept.division]
    if not same_place:
        yield _gone(kept, under_way)
        return
    successor = max(same_place, key=lambda one: (one.manifest.version == kept.version, one.manifest.valid_from))
    changed = _changed_fields(form_of(item).fields, form_of(successor.manifest).fields)
    used = _count_answers(session, kept.digest, changed) if changed else Counter()
    for key, count in used.items():
        yield _changed(successor, kept, key, changed[key], count)


def _gone(kept: ItemVersionRow, under_way: int) -> Finding:
    return Finding(
        "tell", f"items/{kept.code}.toml",
        f"此版本不再提供 {kept.code}；有 {under_way} 件在办，仍按原表单办完。",
        f"{kept.code} is not offered any more; {under_way} open cases go on by the form they were accepted under.",
        "若仍要受理，请在条线中保留此事项。", "If it is still to be accepted, keep the item in the line.",
    )  # fmt: skip


def _changed_fields(old: Mapping[str, FormField], new: Mapping[str, FormField]) -> dict[str, tuple[str, str]]:
    """Give the fields that are gone, renamed or of another kind, each with what became of it in both languages."""
    found, fresh = {}, [field for key, field in new.items() if key not in old]
    for key, field in old.items():
        if key not in new:
            heir = next((one for one in fresh if _is_the_same(field, one)), None)
            found[key] = (f"改名为 {heir.key}", f"is now called {heir.key}") if heir else ("已删去", "is gone")
        elif (new[key].type, new[key].fact) != (field.type, field.fact):
            kind = f"{field.type}/{field.fact or '-'} → {new[key].type}/{new[key].fact or '-'}"
            found[key] = (f"类型或来源改变（{kind}）", f"is of another kind ({kind})")
    return found


def _is_the_same(old: FormField, new: FormField) -> bool:
    return old.type == new.type and (old.fact == new.fact if old.fact else old.label_zh == new.label_zh)


def _count_answers(session: Session, digest: str, fields: Mapping[str, object]) -> Counter[str]:
    """Count the open cases that hold an answer to each field."""
    query = select(PayloadRow).join(CaseRow, col(CaseRow.payload_id) == col(PayloadRow.id))
    query = query.where(CaseRow.item_digest == digest, col(CaseRow.state).in_(OPEN_STATES)).limit(COUNTED)
    used: Counter[str] = Counter()
    for payload in session.exec(query.execution_options(yield_per=500)):
        values = payload.content.get("values") or {}
        used.update(key for key in fields if values.get(key) not in (None, "", []))
    return used


def _changed(successor: Item, kept: ItemVersionRow, key: str, what: tuple[str, str], count: int) -> Finding:
    zh, en = (
        f"{kept.code} 第 {kept.version} 版的字段 {key} {what[0]}；{count} 件在办件填有此项。",
        f"{kept.code}, version {kept.version}: the field {key} {what[1]}; {count} open cases hold an answer to it.",
    )
    if successor.manifest.version != kept.version:
        return Finding(
            "tell", f"items/{successor.path.name}", zh, en,
            "在办件仍按原版本办完；新版本只用于以后受理的。",
            "They go on by the version they were accepted under; the new one is for cases to come.",
        )  # fmt: skip
    return Finding(
        "stop", f"items/{successor.path.name}", zh, en,
        "请保留此版本不动（可写 valid_to），另加一个新版本的文件；或等这些件办结后再升级。",
        "Leave this version as it was (end it by valid_to) and add a file with a new version; "
        "or wait until these cases are over.",
    )  # fmt: skip


def _read(session: Session, line: Line, kept: ItemVersionRow, item: ItemManifest, done: OldCases) -> None:
    """Draw the frozen forms of the newest cases and let the line check them, as a stranger's."""
    caller = Caller()
    for case in _newest(session, kept.digest):
        done.cases += 1
        try:
            frozen_form(item, {"values": case.values}, "zh_CN")
        except Exception as error:
            done.findings.append(_undrawn(kept, case, type(error).__name__))
            return
        answers = caller.call("check_case", [line], hub=HUB, worker=WORKER, person=STRANGER, case=case)
        if faults := [answer.fault for answer in answers if answer.fault]:
            done.findings.append(_failed(line, kept, case, faults[0]))
            return


HUB = Hub("trial", "试验站", "Trial", "000000000000")
WORKER = Worker("trial", "trial", "试验")
STRANGER = Person("trial", "试验", "0", None, HUB.id)


def _newest(session: Session, digest: str) -> list[Case]:
    query = select(CaseRow, PayloadRow).join(PayloadRow, col(PayloadRow.id) == col(CaseRow.payload_id))
    query = query.where(CaseRow.item_digest == digest).order_by(col(CaseRow.id).desc()).limit(READ)
    return [case_view(case, payload) for case, payload in session.exec(query)]


def _undrawn(kept: ItemVersionRow, case: Case, kind: str) -> Finding:
    return Finding(
        "stop", f"{kept.code} {kept.version}",
        f"旧办件 {case.case_no} 的表单画不出：{kind}",
        f"The form of the old case {case.case_no} cannot be drawn: {kind}",
        "请工作台的维护者处理。", "Ask whoever maintains the workbench.",
    )  # fmt: skip


def _failed(line: Line, kept: ItemVersionRow, case: Case, kind: str) -> Finding:
    file = f"{(line.manifest.hooks if line.manifest else '').rpartition('.')[2] or 'hooks'}.py"
    return Finding(
        "stop", file,
        f"check_case 处理旧办件 {case.case_no}（{kept.code} 第 {kept.version} 版）时出错：{kind}",
        f"check_case fails on the old case {case.case_no} ({kept.code}, version {kept.version}): {kind}",
        "请条线负责人让 check_case 也能处理旧版本的表单。", "Let check_case cope with forms of the old version, too.",
    )  # fmt: skip
