"""An admin opens a line with admission, rehearsal and health; one clerk corrects materials, another publishes."""

from contextlib import contextmanager

from playwright.sync_api import expect
from product import BEHIND_LIMIT, Product
from visitor import Visitor

LINE = "family_planning"
PHOTO, NEW_PHOTO = "一寸近期免冠照片", "两寸白底照片"


def test_line_is_admitted_rehearsed_opened_looked_after_and_closed(new_context, product: Product) -> None:
    admin = Visitor.at(new_context(), product, "hubadmin31", "xiangzhang")
    page = admin.page
    admin.go("admin/lines")
    admin.press(page.locator(f"a[href$='/{LINE}/opening']").last)
    expect(page.locator("main")).to_contain_text("向外报送的信息")
    expect(page.get_by_role("button", name="开通", exact=True)).to_be_disabled()

    page.locator("details", has_text="再登记一条").locator("summary").click()
    page.locator("[name=approved_by]").fill("示范区社会工作部")
    page.locator("[name=directory]").fill("社区事项准入目录（2026）第 12 项")
    page.locator("[name=valid_to]").fill("2020-01-01")
    admin.press(page.get_by_role("button", name="登记准入"))
    expect(page.locator(".error-summary")).to_contain_text("截止日期已过")
    expect(page.locator("[name=directory]")).to_have_value("社区事项准入目录（2026）第 12 项")
    page.locator("[name=valid_to]").fill("2031-12-31")
    page.locator("[name=forms]").fill("生育登记申请表")
    admin.press(page.get_by_role("button", name="登记准入"))
    expect(page.locator("#flashes")).to_contain_text("准入已登记")

    admin.press(page.get_by_role("button", name="现在演练"))
    expect(page.locator("#rehearsal-live")).to_be_visible()
    expect(page.locator("main")).to_contain_text("已通过", timeout=BEHIND_LIMIT)
    expect(page.locator("main")).to_contain_text("WJ-001")
    admin.go(f"admin/lines/{LINE}/opening")
    admin.press(page.get_by_role("button", name="开通", exact=True))
    expect(page.locator("#flashes")).to_contain_text("已开通")

    admin.go("admin/health")
    row = page.locator("tr", has=page.locator(f"a[href$='/{LINE}/opening']")).first
    expect(row).to_contain_text("2026")
    expect(row).to_contain_text("正常", timeout=BEHIND_LIMIT)

    admin.go(f"admin/lines/{LINE}/close")
    admin.press(page.get_by_role("button", name="关闭条线"))
    expect(page.locator("#flashes")).to_contain_text("已关闭")
    admin.go("admin/health")
    expect(page.locator(f"a[href$='/{LINE}/opening']")).to_have_count(0)
    assert all("422" in said for said in admin.complaints)  # the wrong date


def test_corrected_material_list_reaches_the_next_intake_and_old_cases_keep_theirs(
    new_context, worker: Visitor, product: Product
) -> None:
    before, _ = worker.hand_in("赵建国", "MZ-015")
    clerk = Visitor.at(new_context(), product, "hubadmin1")
    clerk.go("admin/items/MZ-015")
    clerk.press(clerk.page.get_by_role("button", name="修订此事项"))
    names = clerk.page.locator("[name^=materials-][name$=-name]")
    (at,) = [n for n in range(names.count()) if PHOTO in names.nth(n).input_value()]
    names.nth(at).fill(NEW_PHOTO)
    clerk.page.locator("[name=reason]").fill("市民政局通知：统一用两寸照片")
    clerk.press(clerk.page.get_by_role("button", name="核对草稿"))
    expect(clerk.page.locator("#flashes")).to_contain_text("须由另一")
    expect(clerk.page.get_by_role("button", name="发布", exact=True)).to_have_count(0)

    second = Visitor.at(new_context(), product, "sysadmin")
    with published(second):
        worker.go("")
        worker.find_resident("赵建国", "赵建国")
        after = worker.start_item("MZ-015", "MZ-015")
        expect(worker.page.locator("#materials")).to_contain_text(NEW_PHOTO)
        worker.open_case(before)
        expect(worker.page.locator("#materials")).to_contain_text(PHOTO)
        expect(worker.page.locator("#materials")).not_to_contain_text(NEW_PHOTO)
        worker.go(f"cases/{after}/discard")
        worker.press(worker.page.locator("form#confirm button.button").first)


@contextmanager
def published(second: Visitor):  # type: ignore[no-untyped-def]
    """Publish the draft as a second person, and take it back at the end, for other journeys."""
    second.go("admin/items/MZ-015")
    second.press(second.page.get_by_role("button", name="发布", exact=True))
    expect(second.page.locator("#flashes")).to_contain_text("已发布")
    try:
        yield
    finally:
        second.go("admin/items/MZ-015")
        second.press(second.page.locator("form[action$='/take-back'] button").first)
        expect(second.page.locator("#flashes")).to_be_visible()
