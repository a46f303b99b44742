"""A resident's matter goes from the search box to each department's own decision, once."""

import subprocess
from shutil import which

import pytest
from playwright.sync_api import expect
from product import PATIENCE, Product
from visitor import Visitor


def assert_paper_says(worker: Visitor, link: str, *words: str) -> None:
    """Fetch a printed paper as the browser would and read it, where a reader is installed."""
    address = worker.page.locator(link).first.get_attribute("href")
    answer = worker.page.context.request.get(f"{worker.product.url}{address}", timeout=PATIENCE)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    if which("pdftotext"):
        read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.body(), capture_output=True, check=True)
        text = "".join(read.stdout.decode().split())
        assert [word for word in words if "".join(word.split()) not in text] == []


def test_civil_affairs_from_initials_to_conclusion(worker: Visitor, product: Product) -> None:
    page = worker.page
    worker.find_resident("zw", "张伟")
    case_id = worker.start_item("zlj", "MZ-004")
    expect(page.locator("[name=name]")).to_have_value("张伟")
    expect(page.locator("#intake .chip", has_text="公安局").first).to_be_visible()
    worker.see_materials()
    worker.check()
    case_no = worker.accept()

    expect(page.locator("img[src$='qr.svg']")).to_be_visible()
    assert_paper_says(worker, "a[href$='receipt.pdf']", case_no)

    worker.see_concluded(case_id, case_no, "civil_affairs.case_gateway")
    expect(page.locator("#timeline")).to_contain_text("受理")


@pytest.mark.parametrize(
    ("resident", "code", "platform"),
    [
        ("赵建国", "RS-001", "social_security.integrated"),
        ("陈静", "WJ-001", "family_planning.birth_registration"),
        ("李秀英", "CL-001", "disability_federation.national"),
    ],
)
def test_department_concludes_what_was_entered_once(
    worker: Visitor, product: Product, resident: str, code: str, platform: str
) -> None:
    case_id, case_no = worker.hand_in(resident, code)

    worker.see_concluded(case_id, case_no, platform)


def test_missing_material_is_named_on_one_notice_and_then_seen(worker: Visitor, product: Product) -> None:
    page = worker.page
    worker.find_resident("zhaojianguo", "赵建国")
    case_id = worker.start_item("jyknryrd", "RS-003")
    worker.fill_form()
    missing = page.locator("#materials .material", has=page.locator(".tag--orange")).locator("strong").all_inner_texts()
    assert missing
    worker.check()
    expect(page.locator("form#accept button[data-primary]")).to_have_count(0)

    worker.press(page.locator("main a[href$='/notice']").first)
    for name in missing:
        expect(page.locator("main")).to_contain_text(name)
    assert_paper_says(worker, "a[href$='notice.pdf']", *(name[:6] for name in missing))

    worker.press(page.locator("a[href$='/form']").first)
    worker.see_materials()
    worker.check()
    worker.see_concluded(case_id, worker.accept(), "social_security.integrated")
