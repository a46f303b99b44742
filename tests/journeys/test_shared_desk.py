"""One PC, two shifts: worker A works, the browser is killed, worker B signs on; nothing of A's is left to find."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from product import PASSWORD, PATIENCE, START_LIMIT, Product, eventually
from visitor import TYPED, Visitor

#: All that pages may have stored; htmx keeps the path of its last page for as long as the tab lives.
STORED = "() => Object.assign({}, localStorage)"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def open_browser(chromium: Browser, profile: Path) -> BrowserContext:
    """Start a browser of its own on the profile of this desk."""
    context = chromium.browser_type.launch_persistent_context(
        profile, executable_path="/usr/bin/chromium", args=SWITCHES, locale="zh-CN",
        viewport={"width": 1366, "height": 768}, timeout=START_LIMIT,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    return context


def kill_browser(profile: Path) -> None:
    """End every process of the browser at once, as a power cut would."""
    mine = [
        one for one in psutil.process_iter(["cmdline"]) if f"--user-data-dir={profile}" in (one.info["cmdline"] or ())
    ]
    assert mine
    for process in list(mine):  # those it started do not all say whose they are, and write for a moment longer
        with suppress(psutil.NoSuchProcess):
            mine += [child for child in process.children(recursive=True) if child not in mine]
    for process in mine:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _gone, left = psutil.wait_procs(mine, timeout=60)
    assert not left


def found_in(profile: Path, words: list[str], pattern: str = "*") -> list[str]:
    """Search every file the browser left for words, in both ways a browser writes them."""
    found = []
    for path in profile.rglob(pattern):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            for word in words:
                if word.encode() in content or word.encode("utf-16-le") in content:
                    found.append(f"{path.relative_to(profile)}: {word}")
    return found


def history_says(profile: Path, word: str) -> bool:
    """Tell whether a browser that runs has written down where it was; its journals come and go."""
    with suppress(FileNotFoundError):
        return bool(found_in(profile / "Default", [word], "History*"))
    return False


def content(page: Page) -> str:
    """Give what the page holds once it has come to rest."""

    def at_rest() -> str:
        with suppress(Error):
            return page.content()
        return ""

    return str(eventually(at_rest, "the page comes to rest", 60))


def go_back(page: Page) -> None:
    """Press back; a page that was the answer to a form is not shown again at all."""
    with suppress(Error):
        page.go_back()
        page.wait_for_load_state("networkidle")


def test_nothing_of_the_worker_before_is_left(chromium: Browser, product: Product, tmp_path: Path) -> None:
    profile = tmp_path / "desk"
    context = open_browser(chromium, profile)
    first = Visitor(context.pages[0], product)
    first.sign_in("worker1")
    first.find_resident("张伟", "张伟")
    resident = first.page.url
    case_id = first.start_item("MZ-001", "MZ-001")
    first.fill_form()
    first.press(first.page.locator("button[name=_check][data-primary]"))
    seen = [resident, first.page.url, f"{product.url}/h/wutong/cases/{case_id}/form"]
    with first.page.expect_download() as download:
        first.page.evaluate(
            "url => { const a = document.createElement('a'); a.href = url; a.download = ''; a.click(); }",
            f"{product.url}/h/wutong/cases/{case_id}/notice.pdf",
        )
    assert "张" not in download.value.suggested_filename
    eventually(lambda: history_says(profile, "/people/"), "the history is written down")
    kill_browser(profile)

    # What lies on the disk says which addresses were opened, and nothing about anybody.
    assert found_in(profile, ["张伟", TYPED["text"], TYPED["tel"], PASSWORD]) == []

    context = open_browser(chromium, profile)
    second = Visitor(context.pages[0], product)
    assert context.cookies() == []
    assert second.page.goto(resident) is not None
    expect(second.page.locator("[name=password]")).to_be_visible()  # nobody is signed in
    second.sign_in("worker21")
    assert second.page.evaluate(STORED) == {}
    for address in seen:
        answer = second.page.goto(address)
        assert answer is not None
        assert answer.status == 404
        assert "张伟" not in content(second.page)
    for _ in range(4):
        go_back(second.page)
        assert "张伟" not in content(second.page)
    context.close()


def test_the_next_worker_at_a_locked_screen_finds_nothing(new_context: Any, product: Product) -> None:
    first = Visitor.at(new_context(), product, "worker1")
    first.find_resident("张伟", "张伟")
    resident = first.page.url
    first.page.keyboard.press("Alt+l")
    first.page.wait_for_url("**/unlock*")
    go_back(first.page)
    assert "张伟" not in first.page.locator("main").inner_text()  # locked is locked

    first.press(first.page.locator("main form[action^='/sign-out'] button"))
    first.page.wait_for_url("**/sign-in")
    first.page.fill("[name=username]", "worker21")
    first.page.fill("[name=password]", PASSWORD)
    first.press(first.page.locator("main button[type=submit]").first)
    first.page.wait_for_url("**/h/yinxing/")
    assert first.page.evaluate(STORED) == {}
    for _ in range(4):
        go_back(first.page)
        assert "张伟" not in content(first.page)
    answer = first.page.goto(resident)
    assert answer is not None
    assert answer.status == 404


def test_one_worker_has_one_screen(new_context: Any, product: Product) -> None:
    here = Visitor.at(new_context(), product, "worker2")
    there = Visitor.at(new_context(), product, "worker2")
    here.page.reload()
    expect(here.page.locator("[name=password]")).to_be_visible()
    there.page.reload()
    expect(there.page.locator("[name=password]")).to_have_count(0)
