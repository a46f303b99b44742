"""Shapes 6, 3, 5, 2 and 4 of domain A4, from January to July, each day as the table says."""

from playwright.sync_api import expect
from timetable import row
from town import Town

FUEL, GATEWAY = "disability_federation.fuel_subsidy", "civil_affairs.case_gateway"
ALLOWANCES, FEDERATION = "civil_affairs.two_allowances", "disability_federation.national"
SECURITY = "social_security.integrated"


def enter_by_hand(town: Town, case_id: str, number: str) -> None:
    """Type a case into a department's own screen, give its number, and later what it decided."""
    worker = town.at("worker1")
    page = worker.page
    worker.open_case(case_id)
    worker.press(page.locator("a[href$='/sheet']").first)
    page.fill("[name=number]", number)
    page.fill("[name=number_again]", number)
    worker.press(page.locator("form#confirm button[data-primary]"))
    expect(page.locator("form#decision")).to_be_visible()


def write_down_decision(town: Town, case_id: str, words: str) -> None:
    worker = town.at("worker1")
    page = worker.page
    worker.open_case(case_id)
    worker.press(page.get_by_role("link", name="记录部门的决定"))
    page.locator("form#decision [name=status][value=granted]").check()
    page.locator("form#decision [name=text]").fill(words)
    worker.press(page.locator("form#decision button[data-primary]"))


def test_season_is_closed_or_open_and_counts_from_the_day_it_opened(town: Town) -> None:
    worker = town.at("worker1")
    worker.find_resident("张伟", "张伟")
    worker.start_item("WJ-005", "WJ-005")
    expect(worker.page.locator("main")).to_contain_text("下次从 2026-03-01 起")
    worker.go("")

    case_id, _ = worker.hand_in("李秀英", "CL-009")
    town.see_clock("worker1", case_id, "season promised")
    town.see_clock("worker1", case_id, "season statutory")
    town.see_due("worker1", case_id, "season promised")
    enter_by_hand(town, case_id, "RY2026000188")
    worker.wait_for_word(case_id, "RY2026000188")
    town.on("2026-01-22 10:00")
    write_down_decision(town, case_id, "符合条件，按标准发放")
    worker.wait_for_word(case_id, "准予")


def test_means_test_with_visit_posting_stop_across_a_made_up_saturday_and_more_days(town: Town) -> None:
    town.on("2026-02-02 09:00")
    case_id, number = town.at("worker1").hand_in("赵建国", "MZ-001")
    reviewer = town.at("reviewer1")

    town.on("2026-02-05 10:00")
    town.act("reviewer1", case_id, "agree", "入户情况属实", visited_on="2026-02-05", visitors="郑洁")
    expect(reviewer.page.locator(".error-summary")).to_contain_text("两名")
    town.act("reviewer1", case_id, "agree", "入户情况属实", visited_on="2026-02-05", visitors="郑洁、周敏")
    expect(reviewer.page.locator("#progress")).to_contain_text("入户人员 郑洁、周敏")
    town.on("2026-02-13 10:00")
    town.act("reviewer1", case_id, "suspend", "等待外地核对结果", until="2026-02-25")
    town.on("2026-02-25 18:00")
    reviewer.wait_for_word(case_id, "已挂起")
    town.on("2026-02-26 08:30")
    reviewer.wait_for_word(case_id, "审核中")
    town.see_clock("reviewer1", case_id, "means test promised")
    town.see_due("reviewer1", case_id, "means test promised")

    town.on("2026-02-27 09:00")
    town.act("reviewer1", case_id, "agree", "材料齐全，符合条件")
    town.see_clock("approver1", case_id, "means test publicity")
    town.on("2026-03-03 09:00")
    ask_and_approve_more_days(town, case_id)
    town.see_clock("approver1", case_id, "means test extended")
    town.on("2026-03-05 15:00")
    town.act("approver1", case_id, "agree", "公示期满无异议", posted_at="梧桐社区公示栏", objections="无")
    expect(town.at("approver1").page.locator("main")).to_contain_text("公示期到 2026-03-05 止")
    town.on("2026-03-06 09:00")
    town.act("approver1", case_id, "agree", "公示期满无异议", posted_at="梧桐社区公示栏", objections="无")
    town.held(GATEWAY, number, "opinion")
    town.decide(GATEWAY, number, "granted")
    town.at("worker1").wait_for_word(case_id, "准予")


def ask_and_approve_more_days(town: Town, case_id: str) -> None:
    asking = town.at("reviewer1")
    asking.go(f"cases/{case_id}/clocks")
    asking.page.fill("[name=days]", "5")
    asking.page.fill("[name=extension_reason]", "外地核对结果较晚")
    asking.act(asking.page.locator("button[value=ask_extension]"))
    expect(asking.page.locator("#extension")).to_contain_text("外地核对结果较晚")
    approving = town.at("approver1")
    approving.go(f"cases/{case_id}/clocks")
    approving.page.fill("[name=decision]", "同意")
    approving.act(approving.page.locator("button[value=approve_extension]"))
    expect(approving.page.locator("#extension")).to_contain_text("郑洁")


def test_check_by_another_line_in_order_after_a_correction(town: Town) -> None:
    town.on("2026-03-20 09:00")
    case_id, number = town.at("worker1").hand_in("李秀英", "MZ-011")
    let_check_for_the_federation(town, "吴强")
    town.on("2026-03-23 10:00")
    town.act("reviewer1", case_id, "ask_correction", "银行账号有误", days="10")
    town.see_clock("reviewer1", case_id, "cross check correction")
    town.on("2026-04-03 10:00")
    supply(town, case_id)
    town.act("reviewer1", case_id, "agree", "初审通过")

    other = town.at("worker2")
    other.go("review")
    expect(other.page.locator("main table")).to_contain_text(number)
    town.act("worker2", case_id, "agree", "残疾信息属实")
    town.at("worker1").open_case(case_id)
    enter_by_hand(town, case_id, "LX2026000311")
    write_down_decision(town, case_id, "准予发放")
    town.at("worker1").wait_for_word(case_id, "准予")


def let_check_for_the_federation(town: Town, name: str) -> None:
    """The hub's admin gives a worker the reviewer's role on one line only."""
    admin = town.at("hubadmin1")
    admin.go("admin/workers")
    admin.press(admin.page.get_by_role("link", name=name).first)
    admin.page.locator("#give [name=role], [name=role]").last.select_option("reviewer")
    admin.page.locator("[name=line]").last.select_option("disability_federation")
    admin.press(admin.page.get_by_role("button", name="授予"))
    expect(admin.page.locator("main table")).to_contain_text("审核")


def supply(town: Town, case_id: str) -> None:
    """The resident answers a correction at the table."""
    worker = town.at("worker1")
    worker.open_case(case_id)
    worker.press(worker.page.locator("a[href$='/correction']").first)
    worker.page.locator("[name=_note]").fill("已更正银行账号")
    worker.press(worker.page.locator("button[name=_send][data-primary]"))
    worker.wait_for_word(case_id, "审核中")


def test_levels_of_review_turn_yellow_red_and_late_until_somebody_urges(town: Town) -> None:
    town.on("2026-04-08 09:00")
    worker = town.at("worker1")
    case_id, number = worker.hand_in("赵建国", "RS-004")
    town.held(SECURITY, number)
    town.see_clock("worker1", case_id, "levels promised")
    for day, word, left in row("standing", "levels")["rows"]:
        town.on(f"{day} 10:00")
        worker.open_case(case_id)
        expect(worker.page.locator("#progress")).to_contain_text(word)
        expect(worker.page.locator("#progress")).to_contain_text(left)
    urge_and_answer(town, case_id)
    town.decide(SECURITY, number, "granted")
    worker.wait_for_word(case_id, "准予")
    worker.go(f"cases/{case_id}/clocks")
    expect(worker.page.locator("main section[id^='clock-promised-']")).to_contain_text("2026-05-18")


def urge_and_answer(town: Town, case_id: str) -> None:
    approver = town.at("approver1")
    approver.go(f"cases/{case_id}/clocks")
    approver.page.fill("[name=urging]", "已超期，请联系区就业机构")
    approver.act(approver.page.locator("button[value=urge]"))
    worker = town.at("worker1")
    worker.go("urgings")
    expect(worker.page.locator("main")).to_contain_text("请联系区就业机构")
    worker.go(f"cases/{case_id}/clocks")
    worker.page.locator("form[id^='answer-'] textarea").fill("已电话催办，今日出结果")
    worker.act(worker.page.locator("button[value=answer]"))
    expect(worker.page.locator("#urgings")).to_contain_text("今日出结果")


def test_assessment_by_a_third_party_stops_the_clock_until_it_is_back(town: Town) -> None:
    town.on("2026-05-25 09:00")
    worker = town.at("worker1")
    case_id, number = worker.hand_in("赵建国", "CL-001")
    town.held(FEDERATION, number)
    worker.wait_for_word(case_id, "已挂起")
    town.on("2026-06-22 11:00")
    town.decide(FEDERATION, number, "assessed")
    worker.wait_for_word(case_id, "审核中")
    town.see_clock("worker1", case_id, "assessment promised")
    town.see_due("worker1", case_id, "assessment promised")
    town.on("2026-07-17 11:00")
    town.decide(FEDERATION, number, "granted")
    worker.wait_for_word(case_id, "准予")
