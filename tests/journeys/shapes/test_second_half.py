"""Shapes 10, 7, 9, 11, 8 and 1 of domain A4, and a calendar that comes late, from August on to the next July."""

import subprocess
from shutil import which

from playwright.sync_api import expect
from product import PATIENCE, eventually
from sitting import id_number
from timetable import row
from town import Town

FEDERATION, SECURITY = "disability_federation.national", "social_security.integrated"
GATEWAY = "civil_affairs.case_gateway"
NOTICE = """2027-01-01 至 2027-01-03 放假 元旦
2027-01-09 上班 元旦
2027-01-18 放假 试验休息日"""


def wait_in_agenda(town: Town, words: str, kind: str = "") -> None:
    """Look at the agenda until it says so."""
    worker = town.at("worker1")

    def says() -> bool:
        worker.go(f"agenda?kind={kind}")
        return words in worker.page.locator("main").inner_text()

    eventually(says, lambda: f"the agenda says {words}; {worker.page.locator('main').inner_text()}")


def test_automatic_list_is_confirmed_with_an_exception(town: Town) -> None:
    town.on("2026-08-03 09:00")
    wait_in_agenda(town, "张伟", "automatic")
    worker = town.at("worker1")
    page = worker.page
    lines = page.locator("form#confirm-list tbody tr")
    others = lines.count() - 1
    for line in lines.all():
        if "张伟" not in line.inner_text():
            line.locator("[name=out]").check()
    worker.press(page.locator("form#confirm-list button[data-primary]"))
    expect(page.locator("main .banner--stop")).to_contain_text("请写明理由")
    expect(lines.locator("[name=out]:checked")).to_have_count(others)  # nothing chosen is lost
    page.fill("[name=reason]", "其余人员另行核实")
    worker.press(page.locator("form#confirm-list button[data-primary]"))
    expect(page.locator("main")).to_contain_text("1 件")
    assert others > 0
    worker.go("agenda?kind=automatic")
    expect(page.locator("main")).not_to_contain_text("张伟")


def test_monthly_batch_is_cut_off_and_reported_at_once(town: Town) -> None:
    worker, reviewer = town.at("worker1"), town.at("reviewer1")
    town.on("2026-08-24 09:00")
    case_id, number = worker.hand_in("李秀英", "CL-015")
    town.see_clock("worker1", case_id, "batch promised")
    town.on("2026-08-26 09:00")
    _, later = worker.hand_in("赵建国", "CL-015")
    reviewer.go("batches")
    first, second = row("batch", "before the cut-off day"), row("batch", "after the cut-off day")
    for batch, person in ((first, "李秀英"), (second, "赵建国")):
        card = reviewer.page.locator("main section.card", has_text=batch["days"][0].isoformat())
        for day in batch["days"]:
            expect(card).to_contain_text(day.isoformat())
        expect(card).to_contain_text(person)
    card = reviewer.page.locator("main section.card", has_text=first["days"][0].isoformat())
    card.locator("textarea").fill("材料齐全，同意上报")
    reviewer.press(card.locator("button[data-primary]"))
    town.held(FEDERATION, number)
    assert town.home(FEDERATION).by_case(later, "apply") is None
    town.on("2026-09-08 10:00")
    town.decide(FEDERATION, number, "granted")
    worker.wait_for_word(case_id, "准予")


def test_accepted_anywhere_decided_at_home_with_its_papers(town: Town) -> None:
    town.on("2026-09-22 14:00")
    worker, home = town.at("worker1"), town.at("worker31", "xiangzhang")
    find_from_elsewhere(town, "吴桂芳", id_number("99010019490707902"))
    case_id = worker.start_item("CL-003", "CL-003")
    worker.fill_form(disability_card_no="99010019490707902744")
    worker.see_materials()
    worker.check()
    number = worker.accept()
    town.see_clock("worker1", case_id, "anywhere promised")
    worker.go("papers")
    card = worker.page.locator("main section.card", has_text=number)
    expect(card).to_contain_text("17:30")
    card.locator("input[name^='said-']").fill("EMS 1188")
    worker.press(card.locator("button[value=send]"))
    home.go("papers")
    card = home.page.locator("main section.card", has_text=number)
    expect(card).to_contain_text("EMS 1188")
    home.press(card.locator("button[value=receive]"))
    expect(home.page.locator("main")).not_to_contain_text(number)
    town.decide(FEDERATION, number, "granted")
    worker.wait_for_word(case_id, "准予")
    expect(worker.page.locator("#timeline")).to_contain_text("纸质材料已签收")


def find_from_elsewhere(town: Town, name: str, id_no: str) -> None:
    """A resident of another hub is found by the whole ID number, with the reason."""
    worker = town.at("worker1")
    worker.go("")
    worker.search(id_no)
    worker.page.locator("form#citywide [name=reason]").fill("居民到本站点办理")
    worker.press(worker.page.locator("form#citywide button").last)
    expect(worker.page.locator("h1")).to_have_text(name)


def test_cancelled_card_stops_what_was_paid_for_it(town: Town) -> None:
    town.on("2026-09-30 09:00")
    worker = town.at("worker1")
    case_id, number = worker.hand_in("李秀英", "CL-007")
    town.decide(FEDERATION, number, "granted")
    worker.wait_for_word(case_id, "准予")
    town.on("2026-09-30 09:40")
    due = row("day", "consequences")["due"].isoformat()
    wait_in_agenda(town, due, "stop")
    card = worker.page.locator("main article", has_text=due).first
    expect(card).to_contain_text("残疾人证已注销")
    worker.press(card.locator("button[value=take]"))
    expect(worker.page.locator("main .banner--stop")).to_contain_text("请写明理由")
    card = worker.page.locator("main article", has_text=due).first
    card.locator("input[name^='reason-']").fill("已报区民政局停发")
    worker.press(card.locator("button[value=take]"))
    expect(worker.page.locator("main article", has_text=due)).to_have_count(1)


def test_calendar_that_comes_late_moves_what_was_counted(town: Town) -> None:
    town.on("2026-12-14 09:00")
    worker, admin = town.at("worker1"), town.at("hubadmin1")
    case_id, _ = worker.hand_in("赵建国", "RS-004")
    town.see_clock("worker1", case_id, "before the notice")
    expect(worker.page.locator("main section[id^='clock-promised-']")).to_contain_text("放假安排尚未公布")
    admin.go("admin/calendar?year=2027")
    admin.page.fill("[name=title]", "2027年放假安排（试验用）")
    admin.page.fill("[name=days]", NOTICE)
    admin.press(admin.page.locator("form#notice button[data-primary]"))
    expect(admin.page.locator("main")).to_contain_text("试验休息日")
    due = row("clock", "after the notice")["due"].isoformat()
    worker.wait_for_word(case_id, due)
    town.see_clock("worker1", case_id, "after the notice")
    worker.open_case(case_id)
    expect(worker.page.locator("#timeline")).to_contain_text("2027-01-18 → 2027-01-19")


def test_pension_is_looked_at_again_after_half_a_year(town: Town) -> None:
    town.on("2026-12-31 09:00")
    worker = town.at("worker1")
    case_id, number = worker.hand_in("张伟", "RS-012")
    town.see_clock("worker1", case_id, "recheck promised")
    town.decide(SECURITY, number, "granted")
    worker.wait_for_word(case_id, "准予")
    town.on("2027-06-28 09:00")
    due = row("day", "recheck")["due"].isoformat()
    wait_in_agenda(town, due, "recheck")
    card = worker.page.locator("main article", has_text=due)
    expect(card).to_contain_text("张伟")
    worker.press(card.locator("button[value=take]"))
    worker.page.wait_for_url("**/form")
    worker.fill_form()
    worker.see_materials()
    worker.check()
    town.held(SECURITY, worker.accept())


def test_instant_matter_is_checked_printed_and_done(town: Town) -> None:
    town.on("2027-07-01 10:00")
    worker = town.at("worker1")
    case_id, number = worker.hand_in("张伟", "MZ-015")
    address = worker.page.locator("a[href$='receipt.pdf']").first.get_attribute("href")
    answer = worker.page.context.request.get(f"{town.product.url}{address}", timeout=PATIENCE)
    assert answer.body().startswith(b"%PDF")
    if which("pdftotext"):
        said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.body(), capture_output=True, check=True)
        assert number in said.stdout.decode()
    town.decide(GATEWAY, number, "granted")
    worker.wait_for_word(case_id, "准予")
    expect(worker.page.locator("#progress")).to_contain_text("2027-07-01")
    town.act("worker1", case_id, "hand_over_result", "")
    expect(worker.page.locator("main")).to_contain_text("已送达")
