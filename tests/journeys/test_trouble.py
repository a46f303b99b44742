"""What goes wrong at a table: a department that is down, a closed line, wrong numbers, two tabs, lost sessions."""

import re

import pytest
from playwright.sync_api import expect
from product import BEHIND_LIMIT, PASSWORD, Product, eventually
from visitor import Visitor

GATEWAY = "civil_affairs.case_gateway"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_department_that_is_down_gets_everything_once_when_it_is_back(worker: Visitor, product: Product) -> None:
    product.kill_department(GATEWAY)
    held_id, held_no = worker.hand_in("张伟", "MZ-013")
    worker.wait_for_word(held_id, "重试")
    expect(worker.page.locator("#progress .tag--orange, #progress .banner--warn").first).to_be_visible()
    expect(worker.page.locator("#progress")).to_contain_text(re.compile(r"起始时间\s*20\d\d-"))

    other_id, other_no = worker.hand_in("赵建国", "RS-006")
    worker.see_concluded(other_id, other_no, "social_security.integrated")
    assert [line for line in product.ledger(GATEWAY) if line["case_no"] == held_no] == []

    product.start("departments", "--only", GATEWAY)
    worker.see_concluded(held_id, held_no, GATEWAY)
    keys = [(line["key"], line["operation"]) for line in product.ledger(GATEWAY)]
    assert len(keys) == len(set(keys))


def test_line_that_is_closed_is_gone_at_this_hub_until_it_is_opened(
    new_context, worker: Visitor, product: Product
) -> None:
    page, line = worker.page, "family_planning"
    case_id, _ = worker.hand_in("林芳", "WJ-011")
    admin = Visitor.at(new_context(), product, "hubadmin1")
    admin.go(f"admin/lines/{line}/close")
    admin.press(admin.page.get_by_role("button", name="关闭条线"))
    try:
        worker.go("items/WJ-011")
        expect(page.locator("h1")).to_contain_text("没有")
        person = page.context.request.get(f"{product.url}/h/wutong/{line}/panel/whoever")
        assert person.status == 404
        worker.go("")
        worker.search("生育登记")
        expect(page.locator("#results")).not_to_contain_text("WJ-001")
        worker.open_case(case_id)
        expect(page.locator("#progress")).to_be_visible()
    finally:
        admin.go(f"admin/lines/{line}/opening")
        admin.page.get_by_text("不演练就开通").click()
        admin.page.locator("[name=reason]").fill("刚刚停用，未改动")
        admin.press(admin.page.get_by_role("button", name="免去演练"))
        admin.press(admin.page.get_by_role("button", name="开通", exact=True))
    worker.go("items/WJ-011")
    expect(page.locator("main")).to_contain_text("WJ-011")
    worker.complaints.clear()  # the browser names each page that was not found


def test_admin_looks_at_a_platform_and_changes_a_setting(new_context, product: Product) -> None:
    admin = Visitor.at(new_context(), product, "sysadmin")
    admin.go(f"admin/platforms/{GATEWAY}")
    admin.page.locator("[name=base_url]").fill("no address")
    admin.press(admin.page.get_by_role("button", name="保存", exact=True))
    expect(admin.page.locator(".error-summary")).to_be_visible()
    expect(admin.page.locator("[name=base_url]")).to_have_value("no address")
    admin.go(f"admin/platforms/{GATEWAY}")
    admin.press(admin.page.get_by_role("button", name="保存", exact=True))
    admin.press(admin.page.get_by_role("button", name="立即检查"))
    expect(admin.page.locator("#platform-standing")).to_contain_text("正常", timeout=BEHIND_LIMIT)


def test_wrong_number_is_named_beside_its_field_and_nothing_is_lost(worker: Visitor) -> None:
    page = worker.page
    worker.go("people/new")
    page.fill("[name=name]", "旅程测试甲")
    page.fill("[name=id_no]", "990100198001019011")
    page.fill("[name=phone]", "19999900009")
    worker.press(page.locator("main form button[data-primary]"))
    expect(page.locator("#f-id_no-error")).to_contain_text("校验位")
    expect(page.locator("[name=name]")).to_have_value("旅程测试甲")
    assert page.locator("[name=phone]").input_value().replace(" ", "") == "19999900009"
    worker.complaints.clear()  # the browser names the 422


def test_two_clicks_and_the_back_button_make_one_case(worker: Visitor, product: Product) -> None:
    page = worker.page
    worker.go("")
    worker.find_resident("黄磊", "黄磊")
    worker.start_item("RS-012", "RS-012")
    worker.fill_form()
    worker.see_materials()
    worker.check()
    worker.press_twice(page.locator("form#accept button[data-primary]"))
    page.wait_for_url("**/receipt")
    number = worker.number()
    page.go_back()
    page.wait_for_url("**/receipt")
    assert worker.number() == number
    product.matter("social_security.integrated", number)


def test_browser_killed_at_accept_leaves_one_case(worker: Visitor, new_context, product: Product) -> None:
    worker.go("")
    worker.find_resident("赵建国", "赵建国")
    case_id = worker.start_item("RS-012", "RS-012")
    worker.fill_form()
    worker.see_materials()
    worker.check()
    worker.page.locator("form#accept button[data-primary]").evaluate("button => button.click()")
    worker.page.context.close()  # the answer reaches nobody

    again = Visitor.at(new_context(), product, "worker1")
    again.go(f"cases/{case_id}/form")
    if again.page.locator("button[name=_check][data-primary]").count():  # nor did the click reach the program
        again.press(again.page.locator("button[name=_check][data-primary]"))
        if again.page.url.endswith("/check"):  # nor was it still on its way
            again.accept()
    again.open_case(case_id)
    product.matter("social_security.integrated", again.number())


def test_two_tabs_with_two_residents_do_not_mix(worker: Visitor) -> None:
    other = Visitor(worker.page.context.new_page(), worker.product)
    forms = {}
    for tab, name in ((worker, "张伟"), (other, "王桂兰")):
        tab.go("")
        tab.find_resident(name, name)
        forms[name] = tab.start_item("MZ-014", "MZ-014")
    for tab, phone in ((worker, "19999900011"), (other, "19999900022")):
        tab.page.fill("[name=phone]", phone)
        tab.press(tab.page.locator("button[name=_save][value='1']").last)
    for tab, name, phone in ((worker, "张伟", "19999900011"), (other, "王桂兰", "19999900022")):
        tab.go(f"cases/{forms[name]}/form")
        expect(tab.page.locator("[name=name]")).to_have_value(name)
        assert tab.page.locator("[name=phone]").input_value().replace(" ", "") == phone


def test_form_sent_after_the_session_ended_comes_back_after_sign_in(worker: Visitor) -> None:
    page = worker.page
    worker.go("")
    worker.find_resident("刘洋", "刘洋")
    case_id = worker.start_item("RS-002", "RS-002")
    worker.wait_for_departments()
    page.route("**/form/save", lambda route: route.fulfill(status=204))  # it is the press that finds nobody signed in
    worker.product.end_sessions()
    page.fill("[name=residence_address]", "示范路77号")
    worker.press(page.locator("button[name=_save][value='1']").last)
    page.wait_for_url(re.compile("/sign-in"))
    expect(page.locator("main")).to_contain_text("表单")
    page.fill("[name=username]", "worker1")
    page.fill("[name=password]", PASSWORD)
    worker.press(page.locator("main button[type=submit]").first)
    worker.press(page.get_by_role("button", name="重新提交表单"))
    expect(page.locator("[name=residence_address]")).to_have_value("示范路77号")
    assert case_id in page.url
    worker.complaints.clear()


def test_next_press_as_soon_as_the_list_is_there_takes_nothing_away(worker: Visitor) -> None:
    page = worker.page
    worker.go("")
    worker.find_resident("刘洋", "刘洋")
    worker.start_item("RS-003", "RS-003")
    worker.wait_for_departments()
    page.route("**/form/save", lambda route: route.fulfill(status=204))  # what is typed stands nowhere else
    page.fill("[name=residence_address]", "示范路78号")
    page.evaluate("""() => document.addEventListener("htmx:afterSwap", () => setTimeout(
      () => document.querySelector("#materials button[value=sighted]").click(), 0), {once: true})""")
    seen = page.locator("#materials button[value=missing]")
    before = seen.count()
    page.locator("#materials button[value=sighted]").first.click()
    expect(seen).to_have_count(before + 2)
    expect(page.locator("[name=residence_address]")).to_have_value("示范路78号")


@pytest.mark.parametrize(("name", "content"), [("empty.pdf", b""), ("drawing.svg", SVG)])
def test_unfit_file_is_named_beside_its_material(worker: Visitor, name: str, content: bytes) -> None:
    page = worker.page
    worker.go("")
    worker.find_resident("李秀英", "李秀英")
    worker.start_item("CL-002", "CL-002")
    material = page.locator("#materials .material:has(input[type=file])").first
    title = material.locator("strong").inner_text()
    material.locator("summary").click()
    material.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
    material.get_by_role("button", name="上传").click()
    same = page.locator("#materials .material", has=page.locator("strong", has_text=title)).first
    expect(same.locator(".field__error")).not_to_be_empty()
    worker.complaints.clear()  # the browser names the 422


def test_nothing_is_left_half_way(worker: Visitor, product: Product) -> None:
    """Last of its file: every ledger holds every key once."""

    def settled() -> bool:
        worker.go("deliveries?state=waiting")
        return "重试" not in worker.page.locator("main").inner_text()

    eventually(settled, "no delivery waits for a new try")
    for platform in product.departments():
        keys = [(line["key"], line["operation"]) for line in product.ledger(platform)]
        assert len(keys) == len(set(keys)), platform
