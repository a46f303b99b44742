"""A worker in front of a browser: signs in, finds a resident, fills a form, accepts, and watches the case."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect
from product import PASSWORD, Product, eventually

TYPED: dict[str, str] = {
    "text": "旅程测试",
    "search": "旅程测试",
    "tel": "19999900001",
    "number": "3",
    "date": "2026-03-02",
    "month": "2026-03",
    "datetime-local": "2026-03-02T09:30",
    "textarea": "旅程测试",
}
#: What a field of a table row gets where a plain word would be refused.
BY_NAME = (("id_no", "990100201501019013"), ("phone", "19999900001"), ("year", "2026"), ("period_to", "2026-06"))
#: What htmx says when the answer to what stands there now has taken the place of an older question.
REPLACED = re.compile("htmx:(sendAbort|afterRequest)")
#: What a case says that moved between two looks; what was typed stands there still.
MOVED = "刚刚被他人更新"
#: What a form shows while departments are asked, and while their answers are put into its fields.
ASKING = "#lookups form[hx-trigger], #lookups [data-arrived]"
#: Everything a form still asks for: name, kind, and for radios and lists the first answer.
ASKED = """() => {
  const seen = new Set(), found = [];
  for (const field of document.querySelectorAll("#intake .field, #intake fieldset")) {
    const needed = field.querySelector(".field__mark");
    for (const c of field.querySelectorAll("input, select, textarea")) {
      if (!c.name || c.type === "hidden" || c.type === "file" || seen.has(c.name)) continue;
      if (c.name.includes("__") || c.closest(".overrule, .conflict")) continue;
      seen.add(c.name);
      const group = [...field.querySelectorAll(`[name="${CSS.escape(c.name)}"]`)];
      const empty = c.type === "radio" || c.type === "checkbox" ? !group.some((g) => g.checked) : c.value === "";
      const value = c.tagName === "SELECT" ? ([...c.options].find((o) => o.value) || {}).value || "" : c.value;
      const kind = { SELECT: "select", TEXTAREA: "textarea" }[c.tagName] || c.type;
      found.push({ name: c.name, kind, needed: Boolean(needed), empty, value, mode: c.inputMode || "" });
    }
  }
  return found;
}"""


@dataclass
class Visitor:
    """One worker with one page of a browser."""

    page: Page
    product: Product
    hub: str = "wutong"
    #: What the browser complained about: console errors, broken scripts, refused content.
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listen(self.page)

    @classmethod
    def at(cls, context: BrowserContext, product: Product, username: str, hub: str = "wutong") -> "Visitor":
        """Sit down: a new page, signed in."""
        visitor = cls(context.new_page(), product, hub)
        visitor.sign_in(username)
        return visitor

    def listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not REPLACED.match(said.text):
            self.complaints.append(said.text)

    def press(self, leads_on: Locator) -> None:
        """Press what leads to another page, and wait until that page stands there with its scripts."""
        with leads_on.page.expect_navigation():
            leads_on.click()

    def act(self, button: Locator) -> None:
        """Press a button of a case; where a department moved the case meanwhile, press again at what stands now."""
        self.press(button)
        for _ in range(5):
            if not button.page.locator("main").get_by_text(MOVED).count():
                return
            self.press(button)

    def press_twice(self, leads_on: Locator) -> None:
        """Press it a second time before the first can have led anywhere, quicker than any hand."""
        with leads_on.page.expect_navigation():
            leads_on.evaluate("button => { button.click(); button.click(); }")

    def sign_in(self, username: str) -> None:
        self.page.goto(f"{self.product.url}/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.press(self.page.locator("main button[type=submit]").first)
        self.page.wait_for_url(re.compile(r"/h/|/$"))

    def go(self, path: str) -> None:
        """Open a page of the hub."""
        self.page.goto(f"{self.product.url}/h/{self.hub}/{path}")

    def search(self, typed: str) -> None:
        """Type into the one box and let the page of results come."""
        box = self.page.locator("header [name=q]")
        box.fill(typed)
        with self.page.expect_navigation():
            box.press("Enter")
        self.page.wait_for_url("**/search")

    def find_resident(self, typed: str, name: str) -> None:
        """Type into the one box and open the resident."""
        self.search(typed)
        self.press(self.page.locator("#results").get_by_role("link", name=name, exact=True).first)
        expect(self.page.locator("h1")).to_have_text(name)

    def start_item(self, typed: str, code: str) -> str:
        """From the resident's page pick an item by what was typed; gives the case's id."""
        self.press(self.page.locator("a[href$='/items']").first)
        self.page.locator("#item-box").fill(typed)  # the list follows what is typed; Enter would take its first row
        self.press(self.page.locator(f"#list [data-answers='{typed}'] button[value='{code}']").first)
        self.page.wait_for_url("**/form")
        return self.page.url.split("/")[-2]

    def wait_for_departments(self) -> None:
        """Let the departments that are asked after the page is shown answer, and their answers stand in the form."""
        expect(self.page.locator(ASKING)).to_have_count(0)

    def add_rows(self) -> None:
        """Give every table that is asked for one row."""
        tables = self.page.locator("#intake .field", has=self.page.locator(".field__mark"))
        for _ in range(8):
            self.wait_for_departments()
            empty = tables.locator("[name$='-rows'][value='0']")
            if not empty.count():
                return
            name = (empty.first.get_attribute("name") or "").removesuffix("-rows")
            self.press(self.page.locator(f"#intake [name=_add][value='{name}']"))
            expect(self.page.locator(f"#intake [name='{name}-rows']")).not_to_have_value("0")

    def fill_form(self, **given: str) -> None:
        """Fill what is given, then every required field that is still empty."""
        self.add_rows()
        for asked in self.page.evaluate(ASKED):
            name = asked["name"]
            if name in given:
                self.put(asked, given[name])
            elif asked["needed"] and asked["empty"]:
                self.put(asked, self.fitting(asked))

    def still_asked(self) -> list[dict[str, Any]]:
        """The required fields without an answer; works where the page's own scripts are off."""
        return [asked for asked in self.page.evaluate(ASKED) if asked["needed"] and asked["empty"]]

    def fitting(self, asked: dict[str, Any]) -> str:
        if asked["kind"] in ("select", "radio", "checkbox"):
            return str(asked["value"])
        for part, value in BY_NAME:
            if part in asked["name"]:
                return value
        return "3" if asked["mode"] in ("numeric", "decimal") else TYPED.get(asked["kind"], "旅程测试")

    def put(self, asked: dict[str, Any], value: str) -> None:
        one = self.page.locator(f"#intake [name='{asked['name']}']")
        if asked["kind"] == "select":
            one.select_option(value)
        elif asked["kind"] in ("radio", "checkbox"):
            self.page.locator(f"#intake [name='{asked['name']}'][value='{value}']").check()
        else:
            one.fill(value)

    def see_materials(self) -> None:
        """Note every missing original as seen, one after the other."""
        self.wait_for_departments()  # what they answer makes some originals needless
        missing = self.page.locator("#materials .material", has=self.page.locator(".tag--orange")).locator(
            "button[value=sighted]"
        )
        for _ in range(20):
            count = missing.count()
            if not count:
                return
            missing.first.click()
            expect(missing).to_have_count(count - 1)

    def check(self) -> None:
        """From the form to the page that is read to the resident."""
        self.press(self.page.locator("button[name=_check][data-primary]"))
        self.page.wait_for_url("**/check")

    def accept(self) -> str:
        """Accept and give the number on the receipt."""
        self.press(self.page.locator("form#accept button[data-primary]"))
        self.page.wait_for_url("**/receipt")
        return self.number()

    def number(self) -> str:
        found = re.search(r"\b\d{12}-\d{8}-\d{5}\b", self.page.locator("main").inner_text())
        assert found, self.page.locator("main").inner_text()
        return found.group()

    def hand_in(self, resident: str, code: str, **given: str) -> tuple[str, str]:
        """A whole sitting, from search to receipt; gives the case's id and its number."""
        self.go("")
        self.find_resident(resident, resident)
        case_id = self.start_item(code, code)
        self.fill_form(**given)
        self.see_materials()
        self.check()
        return case_id, self.accept()

    def open_case(self, case_id: str) -> None:
        self.go(f"cases/{case_id}")

    def wait_for_word(self, case_id: str, word: str) -> None:
        """Look at the case again and again until it says so."""

        def says() -> bool:
            self.open_case(case_id)
            return word in self.page.locator("#progress").inner_text()

        eventually(says, lambda: f"the case says {word}; it says:\n{self.page.locator('main').inner_text()}")

    def see_concluded(self, case_id: str, case_no: str, platform: str, operation: str = "") -> str:
        """Watch the case to its end: the department's own number and its decision stand on the page."""
        matter = self.product.matter(platform, case_no, operation)
        self.wait_for_word(case_id, "准予")
        expect(self.page.locator("#progress")).to_contain_text(matter["reference"])
        return str(matter["reference"])
