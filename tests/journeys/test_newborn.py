"""A child is born: one form for six matters of five lines, one department's program killed, everything filed once."""

import re

from playwright.sync_api import expect
from product import Product, eventually
from sitting import id_number
from visitor import Visitor

REGISTRY = "social_security.card_registry"
MOTHER = "旅程母亲"
#: item -> (line, platform that takes it by itself, or none where somebody types it in)
BUNDLE = {
    "RS-011": ("social_security", REGISTRY),
    "WJ-001": ("family_planning", "family_planning.birth_registration"),
    "WJ-010": ("family_planning", "family_planning.child_allowance"),
    "MZ-003": ("civil_affairs", "civil_affairs.case_gateway"),
    "CL-001": ("disability_federation", "disability_federation.national"),
    "GA-001": ("public_security", ""),
}


def test_newborn_bundle_is_filed_from_one_form_while_one_department_is_down(worker: Visitor, product: Product) -> None:
    page = worker.page
    register_mother(worker)
    open_bundle(worker)
    assert page.locator("#intake [name='me.person.name']").count() == 1
    expect(page.locator("#intake [name='me.person.name']")).to_have_value(MOTHER)
    expect(page.locator("#lookups")).to_contain_text("社会保障卡持卡库")
    worker.wait_for_departments()
    asked = [one["name"] for one in worker.still_asked()]
    assert not [name for name in asked if name.endswith((".name", ".payee")) and not name.startswith("me.spouse")]
    worker.fill_form()
    worker.see_materials()
    worker.check()
    assert page.locator("input[name=file]:checked").count() == len(BUNDLE), page.locator("main").inner_text()

    product.kill_department(REGISTRY)
    worker.press_twice(page.locator("form#accept button[data-primary]"))
    page.wait_for_url("**/receipt")
    numbers = dict(
        zip(codes_on(worker), re.findall(r"\d{12}-\d{8}-\d{5}", page.locator("main").inner_text()), strict=True)
    )
    assert len(numbers) == len(BUNDLE)
    assert len({BUNDLE[code][0] for code in numbers}) == 5

    worker.press(page.get_by_role("link", name="查看全部进度"))
    follow = page.url
    for number in numbers.values():
        expect(page.locator("#progress")).to_contain_text(number)
    for code, (_line, platform) in BUNDLE.items():
        if platform and platform != REGISTRY:
            product.matter(platform, numbers[code], "apply")
    assert [line for line in product.ledger(REGISTRY) if line["case_no"] == numbers["RS-011"]] == []

    product.start("departments", "--only", REGISTRY)
    taken = product.matter(REGISTRY, numbers["RS-011"])

    def told() -> bool:
        page.goto(follow)
        return taken["reference"] in page.locator("#progress").inner_text()

    eventually(told, "the page that follows shows the registry's number")
    for code, (_line, platform) in BUNDLE.items():
        if platform:
            product.matter(platform, numbers[code], "apply")  # fails when there are two


def register_mother(worker: Visitor) -> None:
    """The one time that her name is typed."""
    page = worker.page
    worker.go("people/new")
    page.fill("[name=name]", MOTHER)
    page.fill("[name=id_no]", id_number("99010019950308004"))
    page.fill("[name=phone]", "19999900077")
    worker.press(page.locator("main form button[data-primary]"))
    expect(page.locator("h1")).to_have_text(MOTHER)


def open_bundle(worker: Visitor) -> None:
    """Take the moment of life, add what else is wanted, say who the child is."""
    page = worker.page
    page.goto(f"{page.url.partition('?')[0]}/together?event=birth")
    for code in ("WJ-101", "YB-021"):
        page.locator(f"#chosen input[value={code}]").uncheck()
    for code in ("WJ-001", "WJ-010"):
        page.locator(f"#extra input[value={code}]").check()
    for code in ("MZ-003", "CL-001"):
        page.fill("#f-q", code)
        worker.press(page.locator("#more button[name=_find]"))
        page.locator(f"#hits input[value={code}]").check()
    page.select_option("select[name='for-CL-001']", "new")
    page.fill("[name=child-name]", "旅程宝宝")
    page.fill("[name=child-birth_date]", "2026-11-01")
    page.locator("[name=child-sex][value='2']").check()
    page.fill("[name=child-id_no]", id_number("99010020261101004"))
    worker.press(page.locator("button[name=_open]"))
    page.wait_for_url("**/form")


def codes_on(worker: Visitor) -> list[str]:
    """The items in the order of the receipt, by the titles it shows."""
    titles = {
        "社会保障卡申领": "RS-011",
        "生育登记": "WJ-001",
        "育儿补贴申领": "WJ-010",
        "临时救助": "MZ-003",
        "残疾人证新办": "CL-001",
        "新生儿国内出生户口登记": "GA-001",
    }
    rows = worker.page.locator("tr", has=worker.page.locator("td", has_text=re.compile(r"\d{12}-\d{8}-\d{5}")))
    return [titles[row.locator("th").inner_text().partition(" (")[0]] for row in rows.all()]
