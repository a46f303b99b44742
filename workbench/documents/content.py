"""Puts together what a document says: the common table, the parts its kind names, the words of the kind.

Documents are papers of a Chinese office and are printed in Chinese whatever the screen's language is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from ..api.manifest import ItemManifest
from ..cases.anywhere import hand_over_by
from ..cases.models import CaseEventRow, CaseRow, SuspensionRow
from ..catalogue.form import form_of
from ..hubs.models import HubRow
from ..people.models import PersonRow
from ..reception.materials import Standing, standings
from ..reception.rule_facts import known_facts, rule_facts
from ..store.clock import local
from ..store.context import Context
from .kinds import Kind, load_asks

STATES = {
    "missing": "未提交",
    "have": "已有存档，重复使用",
    "sighted": "已核验原件并退还",
    "scanned": "已提交（扫描存档）",
    "waived": "免予提交（数据核验）",
    "promised": "书面承诺",
    "late": "容缺，待补交",
}
FORMS = {
    "original": "原件",
    "copy": "复印件",
    "both": "原件和复印件",
    "form": "表格",
    "photo": "照片",
    "electronic": "电子",
}
STOPS = {
    "special_procedure": "特别程序",
    "assessment": "鉴定、评定",
    "correction": "补正",
    "reopened": "重新办理",
}
#: The usual remedy of an administrative decision, where the item says no other [typical].
REMEDY = "如不服本决定，可以自收到之日起六十日内申请行政复议，或者自收到之日起六个月内提起行政诉讼。"
#: More rows than these are set smaller, so that each copy stays on one page.
MOST_ROWS = 9
COPIES = ["申请人留存联", "站点留存联"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a document is made from."""

    case: CaseRow
    item: ItemManifest
    person: PersonRow
    hub: HubRow
    standings: list[Standing]
    stops: list[SuspensionRow]
    events: list[CaseEventRow]
    typed: Mapping[str, str]
    today: date


def read_scene(ctx: Context, case: CaseRow, item: ItemManifest, typed: Mapping[str, str]) -> Scene:
    """Read what a document needs."""
    person = ctx.session.get_one(PersonRow, case.person_id)
    facts = rule_facts(known_facts(ctx, person), person, form_of(item), {}, ctx.clock.today())
    stops = select(SuspensionRow).where(SuspensionRow.case_id == case.id).order_by(col(SuspensionRow.id))
    events = select(CaseEventRow).where(CaseEventRow.case_id == case.id).order_by(col(CaseEventRow.id))
    return Scene(
        case,
        item,
        person,
        ctx.session.get_one(HubRow, ctx.hub.id),
        standings(ctx, case, item, facts),
        list(ctx.session.exec(stops)),
        list(ctx.session.exec(events)),
        typed,
        ctx.clock.today(),
    )


def what_is_so(scene: Scene) -> frozenset[str]:
    """Say what counts for which documents fit: the result, papers that may follow, how acceptance was refused."""
    refusals = {str(event.detail.get("refusal", "")) for event in scene.events if event.kind == "refuse_acceptance"}
    late = {"late"} if any(one.supply_by for one in scene.standings) else set()
    return frozenset({scene.case.result} | refusals | late)


def make_content(ctx: Context, scene: Scene, kind: Kind, number: str) -> dict[str, Any]:
    """Give everything the template draws, ready to read."""
    words = _words(ctx, scene)
    said: list[list[str]] = [[load_asks()[key].zh, scene.typed.get(key, "")] for key in kind.asks]
    lists: list[dict[str, Any]] = []
    for part in kind.parts:
        rows, listing = PARTS[part](scene)
        said += rows
        lists += listing
    return {
        "title": kind.zh,
        "number": number,
        "hub_name": scene.hub.name_zh,
        "to": scene.person.name,
        "lead": kind.lead.format(**words),
        "about": _about(scene),
        "said": said,
        "lists": lists,
        "closing": list(kind.closing),
        "sign": kind.sign,
        "worker": ctx.actor.name,
        "issued_on": _day(scene.today),
        "foot": f"咨询：{scene.hub.name_zh} {scene.hub.opens}–{scene.hub.closes} {scene.hub.phone}".strip(),
        "copies": COPIES,
        "is_long": sum(len(one["rows"]) for one in lists) + len(said) > MOST_ROWS,
    }


def _about(scene: Scene) -> list[list[str]]:
    rows = [
        ["申请人", f"{scene.person.name}　{scene.person.id_masked}"],
        ["事项", f"{scene.item.title_zh}（{scene.item.code}）"],
        ["办理部门", scene.item.department],
    ]
    if scene.case.case_no:
        rows.insert(1, ["办件编号", scene.case.case_no])
    if scene.case.accepted_at:
        rows.append(["受理日期", _day(local(scene.case.accepted_at).date())])
    return rows


def _words(ctx: Context, scene: Scene) -> dict[str, str]:
    reply = next((stop.reply_by for stop in reversed(scene.stops) if stop.kind == "correction"), None)
    moment = local(scene.case.accepted_at or ctx.clock.now())
    return {"reply_by": _day(reply) or "规定的期限", "handover_by": f"{hand_over_by(moment):%Y年%m月%d日 %H:%M}"}


Part = tuple[list[list[str]], list[dict[str, Any]]]


def _limit(scene: Scene) -> Part:
    item, unit = scene.item, "个自然日" if scene.item.days_unit == "day" else "个工作日"
    rows = [["承诺期限", f"{item.promised_days} {unit}"]] if item.promised_days else []
    rows += [["法定期限", f"{item.statutory_days} {unit}"]] if item.statutory_days else []
    rows.append(["预计办结", _day(scene.case.due_on) or "按规定办理"])
    rows.append(["收费", item.fee or "不收费"])
    return rows, []


def _list(title: str, found: list[Standing], none: str, *, states: bool = True) -> Part:
    rows = [[s.material.name, STATES.get(s.state, s.state) if states else _copies(s)] for s in found]
    return [], [{"title": title, "rows": rows, "none": none}]


def _copies(standing: Standing) -> str:
    material = standing.material
    counts = f"原件 {material.originals} 份，复印件 {material.copies} 份"
    return counts if material.originals or material.copies else FORMS.get(material.form, material.form)


def _materials(scene: Scene) -> Part:
    given = [s for s in scene.standings if s.state not in ("not_needed", "missing")]
    return _list("材料", given, "无需提交材料。")


def _missing(scene: Scene) -> Part:
    short = [s for s in scene.standings if s.state == "missing" and s.material.required]
    return _list("尚缺材料", short, "材料齐全。", states=False)


def _late(scene: Scene) -> Part:
    late = [s for s in scene.standings if s.supply_by is not None]
    rows = [[s.material.name, f"{_day(s.supply_by)} 前"] for s in late]
    return [], [{"title": "待补交材料", "rows": rows, "none": "无。"}]


def _all_materials(scene: Scene) -> Part:
    return _list("全部材料", [s for s in scene.standings if s.state != "not_needed"], "无需提交材料。")


def _conditions(scene: Scene) -> Part:
    item = scene.item
    rows = [["办理条件", item.applicant_conditions or "见办事指南"], ["收费", item.fee or "不收费"]]
    return rows + ([["依据", "；".join(item.legal_basis[:3])]] if item.legal_basis else []), []


def _asked(scene: Scene) -> Part:
    asked = [e for e in scene.events if e.kind in ("ask_correction", "department_correction")]
    detail = asked[-1].detail if asked else {}
    field = form_of(scene.item).fields.get(str(detail.get("field", "")))
    rows = [["补正内容", str(detail.get("reason") or detail.get("text") or "")]]
    return rows + ([["更正的栏目", field.label("zh_CN")]] if field else []), []


def _reason(scene: Scene) -> Part:
    refused = [e for e in scene.events if e.kind == "refuse_acceptance"]
    said = scene.case.result_text or (str(refused[-1].detail.get("reason", "")) if refused else "")
    basis = "；".join(scene.item.legal_basis[:2])
    return [["理由", said or "—"], *([["依据", basis]] if basis else [])], []


def _remedy(scene: Scene) -> Part:
    return [["救济途径", scene.item.remedy or REMEDY]], []


def _result(scene: Scene) -> Part:
    word = {"granted": "准予", "refused": "不予办理"}.get(scene.case.result, "")
    rows = [["办理结果", word]] if word else []
    rows += [["结果说明", scene.case.result_text]] if scene.case.result_text else []
    rows += [["证照、待遇", scene.item.result]] if scene.item.result and scene.case.result == "granted" else []
    rows += [["部门编号", scene.case.reference]] if scene.case.reference else []
    return rows, []


def _special(scene: Scene) -> Part:
    stop = next((s for s in reversed(scene.stops) if s.to_day is None), None)
    if stop is None:
        return [], []
    rows = [["特别程序", STOPS[stop.kind]], ["事由", stop.reason], ["起始日期", _day(stop.from_day)]]
    return [*rows, ["预计结束", _day(stop.until) or "程序结束时另行告知"]], []


def _handover(scene: Scene) -> Part:
    return [["移交", "受理岗"], ["份数", f"共 {len(_materials(scene)[1][0]['rows'])} 种材料"]], []


def _fee(scene: Scene) -> Part:
    return [["收费依据", scene.item.fee or "以部门通知为准"]], []


PARTS: Mapping[str, Callable[[Scene], Part]] = {
    "limit": _limit,
    "materials": _materials,
    "missing": _missing,
    "late": _late,
    "all_materials": _all_materials,
    "conditions": _conditions,
    "asked": _asked,
    "reason": _reason,
    "remedy": _remedy,
    "result": _result,
    "special": _special,
    "handover": _handover,
    "fee": _fee,
}


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
