"""Every screen of the product, by name: who looks at it and how to get there."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from product import PASSWORD, Product
from pyotp import TOTP
from visitor import Visitor

Go = Callable[[Visitor], None]


@dataclass(frozen=True)
class Screen:
    """One screen, in a state worth looking at."""

    name: str
    go: Go
    who: str = "worker1"


@dataclass
class Cases:
    """Cases that stand where a screen wants them, made once per product."""

    concluded: str = ""
    waiting: str = ""
    sheet: str = ""
    form: str = ""
    checked: str = ""
    unknown: str = ""
    correction: str = ""
    hall: str = ""
    rating: str = ""


def at(path: str) -> Go:
    return lambda visitor: visitor.go(path)


def outside(path: str) -> Go:
    """A page that belongs to no worker."""
    return lambda visitor: visitor.page.goto(visitor.product.url + path)


def sign_in(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.url}/sign-in")


def progress(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.url}/progress")


def searched(visitor: Visitor) -> None:
    visitor.go("")
    visitor.search("张")


def resident(name: str, then: str = "") -> Go:
    def go(visitor: Visitor) -> None:
        visitor.go("")
        visitor.find_resident(name, name)
        visitor.page.wait_for_load_state("networkidle")
        if then:
            visitor.page.goto(visitor.page.url + then)

    return go


def homes_found(visitor: Visitor) -> None:
    visitor.go("households")
    visitor.page.locator("main [name=q]").fill("梧桐")
    with visitor.page.expect_navigation():
        visitor.page.locator("main [name=q]").press("Enter")
    visitor.page.locator("#results .card").wait_for()


def import_columns(visitor: Visitor) -> None:
    visitor.go("exchange")
    table = "姓名,证件号码,手机号\r\n测试甲,990100198001019011,19900000001\r\n".encode()
    visitor.page.set_input_files("[name=file]", {"name": "台账.csv", "mimeType": "text/csv", "buffer": table})
    visitor.press(visitor.page.locator("main form button[data-primary], main form button.button--primary").first)
    visitor.page.locator("[name=column-0]").wait_for()


def household(act: str) -> Go:
    def go(visitor: Visitor) -> None:
        resident("张伟", "/household")(visitor)
        visitor.page.goto(f"{visitor.page.url}/change/{act}")

    return go


def new_resident_wrong(visitor: Visitor) -> None:
    visitor.go("people/new")
    visitor.page.fill("[name=name]", "测试甲")
    visitor.page.fill("[name=id_no]", "990100198001019011")
    visitor.press(visitor.page.locator("main form button[data-primary]"))
    visitor.page.locator(".error-summary").wait_for()


def hall(visitor: Visitor) -> None:
    """Numbers of every channel wait, one is in hand."""
    visitor.go("hall")
    if not visitor.page.locator("#in-hand").count():
        for channel in ("ordinary", "express", "green"):
            visitor.press(visitor.page.locator(f"form#draw-number button[value={channel}]"))
        visitor.press(visitor.page.locator("form#next button[data-primary]"))
        visitor.page.locator("#in-hand").wait_for()


def bad_rating(visitor: Visitor) -> None:
    visitor.go("ratings")
    visitor.press(visitor.page.locator("main table a").first)


def appointments(visitor: Visitor) -> None:
    resident("张伟")(visitor)
    visitor.press(visitor.page.locator("a[href*='/hall/appointments']").first)


def new_code(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.url}/account")
    visitor.press(visitor.page.locator("form[action$='/account/code/new'] button"))
    visitor.page.locator("[name=code]").wait_for()


def give_password(visitor: Visitor, username: str) -> None:
    """Let somebody else sit down at the same screen, as far as the password."""
    visitor.page.context.clear_cookies()
    sign_in(visitor)
    visitor.page.fill("[name=username]", username)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.press(visitor.page.locator("main button[type=submit]").first)
    visitor.page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def second_step(visitor: Visitor) -> None:
    """See the page between password and code; the first time the code is set up."""
    give_password(visitor, "reviewer31")
    if not visitor.page.url.endswith("/sign-in/code"):
        new_code(visitor)
        key = visitor.page.locator("dd").first.inner_text().replace(" ", "")
        visitor.page.fill("[name=code]", TOTP(key).now())
        visitor.press(visitor.page.locator("form[action$='/account/code'] button"))
        visitor.page.wait_for_url("**/account?done=code")
        give_password(visitor, "reviewer31")
    visitor.page.locator("[name=code]").wait_for()


def must_set_up(visitor: Visitor) -> None:
    """See what an admin sees who has no second step yet and is not spared one."""
    with sqlite3.connect(visitor.product.instance / "workbench.db", timeout=60) as file:
        file.execute("UPDATE worker SET spares_second_step = 0 WHERE username = 'hubadmin21'")
    file.close()
    give_password(visitor, "hubadmin21")
    visitor.page.wait_for_url("**/account/second-step")


def absence(visitor: Visitor) -> None:
    """Enter leave far ahead, and look at what is handed over."""
    visitor.go("absences")
    first = visitor.page.locator("[name=first_day]").first
    entered = visitor.page.locator("main a[href*='/absences/']").count()  # by a visit in the other language
    day = date.today() + timedelta(days=100 + 3 * entered)  # noqa: DTZ011 - only far enough ahead
    while True:
        first.fill(day.isoformat())
        visitor.page.locator("[name=last_day]").fill(day.isoformat())
        visitor.press(visitor.page.locator("main form button[data-primary]"))
        if "/absences/" in visitor.page.url:
            return
        day += timedelta(days=3)


def roster(visitor: Visitor) -> None:
    """Make a roster of a month ahead."""
    month = (date.today().replace(day=1) + timedelta(days=64)).strftime("%Y-%m")  # noqa: DTZ011 - any month ahead
    visitor.go(f"roster?month={month}")
    visitor.press(visitor.page.locator("button[name=action][value=make]"))
    visitor.page.locator("table.roster").wait_for()


def form_wrong(path: str) -> Go:
    def go(visitor: Visitor) -> None:
        visitor.go(path)
        visitor.press(visitor.page.locator("button[name=_check][data-primary]"))
        visitor.page.locator(".error-summary").wait_for()

    return go


def make_cases(worker: Visitor, product: Product) -> Cases:
    """Sit through what the screens show."""
    cases = Cases()
    cases.concluded, number = worker.hand_in("张伟", "MZ-004")
    worker.see_concluded(cases.concluded, number, "civil_affairs.case_gateway")
    by_hand, _ = worker.hand_in("李秀英", "MZ-010")
    worker.wait_for_word(by_hand, "补录单")
    cases.sheet = (worker.page.locator("a[href$='/sheet']").first.get_attribute("href") or "").split("/h/wutong/")[1]
    cases.waiting = by_hand
    worker.go("")
    worker.find_resident("李秀英", "李秀英")
    cases.form = worker.start_item("MZ-001", "MZ-001")
    worker.go("")
    worker.find_resident("赵建国", "赵建国")
    cases.checked = worker.start_item("RS-001", "RS-001")
    worker.fill_form()
    worker.check()
    worker.go("deliveries?state=all")
    unknown = worker.page.locator("main tbody a[href$='/unknown']")
    if unknown.count():
        cases.unknown = (unknown.first.get_attribute("href") or "").split("/h/wutong/")[1]
    rate_badly(worker, cases)
    worker.go("hall")
    cases.hall = (worker.page.locator("a[href$='/screen']").get_attribute("href") or "").removesuffix("screen")
    worker.go("")
    returned = worker.page.locator("section.card", has_text="退回补正").locator("tbody th a, tbody a").first
    cases.correction = (returned.get_attribute("href") or "").split("/h/wutong/")[1]
    return cases


def rate_badly(worker: Visitor, cases: Cases) -> None:
    """One visit is rated badly; the other is still to be rated."""
    addresses = []
    for case_id in (cases.concluded, cases.waiting):
        worker.go(f"cases/{case_id}/receipt")
        addresses.append(worker.page.locator("a[href*='/rate/']").first.get_attribute("href") or "")
    cases.rating = "/rate/" + addresses[1].partition("/rate/")[2]
    worker.page.goto(addresses[0])
    worker.page.locator("[name=score][value='1']").check()
    worker.page.locator("[name=words]").fill("等候时间太长")
    worker.press(worker.page.locator("form#rate button[data-primary]"))


def screens(cases: Cases) -> list[Screen]:
    """List every screen."""
    found = [
        Screen("sign-in", sign_in, ""),
        Screen("home", at("")),
        Screen("search", searched),
        Screen("search-empty", at("search")),
        Screen("resident", resident("张伟")),
        Screen("resident-disabled", resident("李秀英")),
        Screen("resident-edit", resident("张伟", "/edit")),
        Screen("resident-conflicts", resident("张伟", "/conflicts")),
        Screen("corrections", at("corrections")),
        Screen("resident-export", resident("张伟", "/export")),
        Screen("resident-merge", resident("张伟", "/merge")),
        Screen("resident-authority", resident("张伟", "/authority")),
        Screen("household", resident("张伟", "/household")),
        Screen("households", homes_found),
        Screen("household-split", household("split")),
        Screen("household-birth", household("birth")),
        Screen("household-join", household("join")),
        Screen("resident-reveal", resident("张伟", "/reveal")),
        Screen("new-resident", at("people/new")),
        Screen("new-resident-errors", new_resident_wrong),
        Screen("picker", resident("张伟", "/items")),
        Screen("form", at(f"cases/{cases.form}/form")),
        Screen("form-errors", form_wrong(f"cases/{cases.form}/form")),
        Screen("discard", at(f"cases/{cases.form}/discard")),
        Screen("notice", at(f"cases/{cases.checked}/notice")),
        Screen("check", at(f"cases/{cases.checked}/check")),
        Screen("receipt", at(f"cases/{cases.concluded}/receipt")),
        Screen("case-concluded", at(f"cases/{cases.concluded}")),
        Screen("case-clocks", at(f"cases/{cases.concluded}/clocks")),
        Screen("urgings", at("urgings")),
        Screen("agenda", at("agenda")),
        Screen("assigned", at("assigned")),
        Screen("assigned-quarantine", at("assigned/quarantine"), "sysadmin"),
        Screen("enquiries", at("enquiries")),
        Screen("enquiry-new", at("enquiries/new/MZ-101")),
        Screen("item-compare", at("items/MZ-001/compare?all=1")),
        Screen("found", at("found")),
        Screen("second-entry", at("second-entry")),
        Screen("found-item", at("found/MZ-005")),
        Screen("absences", at("absences")),
        Screen("absence", absence),
        Screen("calls", at("calls")),
        Screen("roster", roster, "hubadmin1"),
        Screen("work", at("work"), "hubadmin1"),
        Screen("desk-sign", lambda visitor: visitor.page.goto(f"{visitor.product.url}/desk-sign/wutong"), ""),
        Screen("admin-posts", at("admin/posts?suggest=1"), "hubadmin1"),
        Screen("papers-on-the-way", at("papers")),
        Screen("batches", at("batches"), "reviewer1"),
        Screen("hall", hall),
        Screen("times-with-too-few", at("hall/short"), "hubadmin1"),
        Screen("hall-screen", outside(cases.hall + "screen"), ""),
        Screen("hall-kiosk", outside(cases.hall + "kiosk"), ""),
        Screen("rate-visit", outside(cases.rating), ""),
        Screen("ratings", at("ratings")),
        Screen("ratings-to-settle", at("ratings"), "hubadmin1"),
        Screen("bad-rating", bad_rating, "hubadmin1"),
        Screen("appointments", appointments),
        Screen("case-documents", at(f"cases/{cases.concluded}/documents")),
        Screen("register-of-documents", at("documents")),
        Screen("progress", progress, ""),
        Screen("refuse", at(f"cases/{cases.form}/refuse")),
        Screen("admin-documents", at("admin/documents"), "hubadmin1"),
        Screen("admin-document", at("admin/documents/acceptance"), "hubadmin1"),
        Screen("case-waiting", at(f"cases/{cases.waiting}")),
        Screen("case-returned", at(cases.correction)),
        Screen("correction", at(f"{cases.correction}/correction")),
        Screen("re-keying-sheet", at(cases.sheet)),
        Screen("imports", at("exchange"), "approver1"),
        Screen("retention", at("retention"), "approver1"),
        Screen("import-columns", import_columns, "approver1"),
        Screen("export-many", at("exchange/out"), "approver1"),
        Screen("deliveries", at("deliveries")),
        Screen("platform-board", at("platforms")),
        Screen("strays", at("platforms/strays")),
        Screen("digest", at("deliveries/digest"), "hubadmin1"),
        Screen("differences", at("deliveries/differences"), "hubadmin1"),
        Screen("item-list", at("items")),
        Screen("item-guide", at("items/MZ-001")),
        Screen("review", at("review"), "reviewer1"),
        Screen("admin-lines", at("admin/lines"), "hubadmin1"),
        Screen("admin-close-line", at("admin/lines/family_planning/close"), "hubadmin1"),
        Screen("admin-opening", at("admin/lines/family_planning/opening"), "hubadmin1"),
        Screen("admin-health", at("admin/health"), "hubadmin1"),
        Screen("admin-tasks", at("admin/tasks"), "hubadmin1"),
        Screen("admin-platforms", at("admin/platforms"), "hubadmin1"),
        Screen("admin-platform", at("admin/platforms/civil_affairs.case_gateway"), "hubadmin1"),
        Screen("admin-workers", at("admin/workers"), "hubadmin1"),
        Screen("admin-new-worker", at("admin/workers/new"), "hubadmin1"),
        Screen("admin-tokens", at("admin/tokens"), "hubadmin1"),
        Screen("admin-items", at("admin/items?q=zlj"), "hubadmin1"),
        Screen("admin-item", at("admin/items/MZ-015"), "hubadmin1"),
        Screen("admin-item-tables", at("admin/item-tables"), "hubadmin1"),
        Screen("admin-trail", at("admin/trail"), "hubadmin1"),
        Screen("admin-unusual", at("admin/unusual"), "hubadmin1"),
        Screen("admin-emergencies", at("admin/emergencies"), "hubadmin1"),
        Screen("admin-rights", at("admin/rights"), "hubadmin1"),
        Screen("emergency", at("emergency")),
        Screen("admin-calendar", at("admin/calendar"), "hubadmin1"),
        Screen("account", lambda visitor: visitor.page.goto(f"{visitor.product.url}/account")),
        Screen("phone-code", new_code),
        Screen("admin-providers", at("admin/providers"), "sysadmin"),
        Screen("admin-provider", at("admin/providers/new"), "sysadmin"),
        Screen("case-screens", at(f"cases/{cases.waiting}/screens")),
        Screen("admin-clients", at("admin/clients"), "sysadmin"),
        Screen("admin-client", at("admin/clients/new"), "sysadmin"),
        Screen("accounts", at("accounts")),
        Screen("admin-hub-accounts", at("hub-accounts"), "hubadmin1"),
        Screen("second-step", second_step, "worker2"),
        Screen("must-set-up", must_set_up, "worker2"),
        Screen("error-404", at("cases/nothing")),
        Screen("error-403", at("admin/lines")),
    ]
    if cases.unknown:
        found.append(Screen("unknown-outcome", at(cases.unknown)))
    return found
