"""The same sitting by other ways: keyboard alone, without scripts, by hand into a department's own program."""

import re
from contextlib import ExitStack, closing
from http.client import HTTPConnection

from playwright.sync_api import Page, expect
from product import Product
from visitor import Visitor

#: Their field and what to type there, row by row.
SHEET = """rows => rows.map((row) => {
  const typed = row.cells[1].querySelector("strong");
  return [row.cells[0].innerText.trim(), typed ? typed.innerText : ""];
})"""


def test_idle_connections_of_browsers_lock_nobody_out(product: Product) -> None:
    with ExitStack() as held:
        for _ in range(60):
            connection = held.enter_context(closing(HTTPConnection("127.0.0.1", product.port, timeout=60)))
            connection.request("GET", "/sign-in")
            assert connection.getresponse().read()


def press_until(page: Page, key: str, wanted: str) -> None:
    """Press a key until the focus stands where it should."""
    for _ in range(120):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never reaches {wanted}")


def test_keyboard_alone_from_search_to_receipt(worker: Visitor, product: Product) -> None:
    page, keys = worker.page, worker.page.keyboard
    keys.press("/")
    keys.type("wgl", delay=20)
    expect(page.locator("#suggestions a", has_text="王桂兰").first).to_be_visible()
    keys.press("Enter")
    page.wait_for_url("**/search")
    press_until(page, "Tab", "#results a[href*='/people/']")
    keys.press("Enter")
    page.wait_for_url("**/people/*")
    expect(page.locator("h1")).to_have_text("王桂兰")
    with page.expect_navigation():
        keys.press("n")
    expect(page.locator("#item-box")).to_be_focused()
    keys.type("lnryd", delay=20)
    expect(page.locator("[data-answers='lnryd'] button[value='MZ-015']")).to_be_visible()
    keys.press("ArrowDown")
    press_until(page, "ArrowDown", "button[value='MZ-015']")
    keys.press("Enter")
    page.wait_for_url("**/form")
    case_id = page.url.split("/")[-2]
    worker.fill_form()
    while page.locator("#materials .material:has(.tag--orange) button[value=sighted]").count():
        left = page.locator("#materials .material:has(.tag--orange) button[value=sighted]").count()
        press_until(page, "Tab", "#materials .material:has(.tag--orange) button[value=sighted]")
        keys.press("Enter")
        expect(page.locator("#materials .material:has(.tag--orange) button[value=sighted]")).to_have_count(left - 1)
    keys.press("Control+Enter")
    page.wait_for_url("**/check")
    keys.press("Control+Enter")
    page.wait_for_url("**/receipt")
    worker.see_concluded(case_id, worker.number(), "civil_affairs.case_gateway")


def test_without_scripts_from_search_to_receipt(new_context, product: Product) -> None:
    worker = Visitor.at(new_context(java_script_enabled=False), product, "worker1")
    page = worker.page
    worker.find_resident("liuyang", "刘洋")
    worker.press(page.locator("a[href$='/items']").first)
    page.fill("#item-box", "shbzk")
    worker.press(page.locator("main form[method=get] button"))
    worker.press(page.locator("#list button[value='RS-011']"))
    page.wait_for_url("**/form")
    case_id = page.url.split("/")[-2]
    for _ in range(8):
        for asked in worker.still_asked():
            worker.put(asked, worker.fitting(asked))
        worker.press(page.locator("button[name=_check][data-primary]"))
        if page.url.endswith("/check"):
            break
    missing = page.locator("#materials .material:has(.tag--orange) button[value=sighted]")
    while missing.count():
        worker.press(missing.first)
    page.goto(f"{product.url}/h/wutong/cases/{case_id}/check")
    worker.press(page.locator("form#accept button[data-primary]"))
    page.wait_for_url("**/receipt")
    worker.see_concluded(case_id, worker.number(), "social_security.card_registry")


def type_into_their_program(page: Page, product: Product, rows: dict[str, str]) -> str:
    """Sign in to the department's own program, type what the sheet says and give its number."""
    home = product.instance / "departments" / "civil_affairs.two_allowances"
    page.goto(product.departments()["civil_affairs.two_allowances"]["address"])
    page.fill("#username", "jiedao01")
    page.fill("#password", (home / "password").read_text())
    with page.expect_navigation():
        page.get_by_role("button", name="登录").click()
    with page.expect_navigation():
        page.get_by_role("link", name="新增录入").click()
    for screen in (1, 2):
        page.locator(f"input[name=done][value='{screen}'] ~ button").wait_for()
        for label in page.locator("th label").all_inner_texts():
            control = page.get_by_label(label, exact=True)
            if value := rows.get(label):
                if control.evaluate("e => e.tagName") == "SELECT":
                    control.select_option(label=value)
                else:
                    control.fill(value)
        with page.expect_navigation():
            page.locator("form button").click()
    return page.locator("#number").inner_text()


def test_matter_is_typed_into_a_program_without_interface(new_context, worker: Visitor, product: Product) -> None:
    page = worker.page
    case_id, case_no = worker.hand_in("李秀英", "MZ-010")
    worker.wait_for_word(case_id, "补录单")
    worker.press(page.locator("a[href$='/sheet']").first)
    page.wait_for_url("**/sheet")
    texts = page.locator("main tbody tr").evaluate_all(SHEET)
    number = type_into_their_program(new_context().new_page(), product, dict(texts))

    page.fill("[name=number]", number)
    page.fill("[name=number_again]", number + "9")
    worker.press(page.locator("#confirm button[data-primary]"))
    expect(page.locator("main")).to_contain_text(re.compile("不一致|不同"))
    page.fill("[name=number]", number)
    page.fill("[name=number_again]", number)
    worker.press(page.locator("#confirm button[data-primary]"))
    expect(page.locator("#decision")).to_be_visible()
    assert product.matter("civil_affairs.two_allowances", case_no)["reference"] == number

    page.locator("#decision [name=status][value=granted]").check()
    page.fill("#decision [name=text]", "准予发放")
    worker.press(page.locator("#decision button[data-primary]"))
    worker.wait_for_word(case_id, "准予")
    expect(page.locator("#progress")).to_contain_text(number)
    worker.complaints.clear()  # the browser names the 422 of the two numbers that differ


def test_two_people_decide_before_the_opinion_is_sent(new_context, worker: Visitor, product: Product) -> None:
    gateway = "civil_affairs.case_gateway"
    case_id, case_no = worker.hand_in("李秀英", "MZ-001")
    product.matter(gateway, case_no, "apply")
    assert not [
        line for line in product.ledger(gateway) if (line["case_no"], line["operation"]) == (case_no, "opinion")
    ]

    reviewer = Visitor.at(new_context(), product, "reviewer1")
    agree(reviewer, case_id, visited_on="2026-01-05", visitors="王一、李二")
    agree(reviewer, case_id)
    product.let_postings_hang(case_id)
    agree(Visitor.at(new_context(), product, "approver1"), case_id, posted_at="社区公示栏", objections="无")

    product.matter(gateway, case_no, "opinion")
    worker.see_concluded(case_id, case_no, gateway, "apply")


def agree(visitor: Visitor, case_id: str, **found: str) -> None:
    """Pass the step that waits for this worker."""
    visitor.open_case(case_id)
    before = visitor.page.locator("#timeline").inner_text()
    visitor.page.fill("#action [name=reason]", "情况属实")
    for name, value in found.items():
        visitor.page.fill(f"#action [name={name}]", value)
    visitor.act(visitor.page.locator("#action button[value=agree]"))
    assert visitor.page.locator("#timeline").inner_text() != before
